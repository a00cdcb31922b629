"""What staff open, asked as a browser asks: through every middleware, with a session, with a cold cache."""

import time
from collections.abc import Sequence
from statistics import median
from typing import Any

from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from benchmarks.jobs.counting import Statements
from campaigns.models import Delivery, Dispatcher, Installation

REPEATS = 7
SLOW_MS = 20.0
DELIVERIES = "admin:campaigns_delivery_changelist"


def look(*, big: int, small: int) -> list[dict[str, Any]]:
    """Every page with its statements and its milliseconds; the first look warms up templates and is not counted."""
    seem_at_work()
    client = Client(headers={"accept-language": "es"})
    client.force_login(User.objects.create_superuser("medida"))
    return [_page(client, name, address) for name, address in _addresses(big, small).items()]


def seem_at_work() -> None:
    """A worker that shows itself: without one a page says so, and looks no further for why nothing leaves."""
    Installation.objects.update_or_create(pk=1, defaults={"identity": "medida"})
    Dispatcher.objects.update_or_create(slot=1, defaults={"heartbeat_at": timezone.now()})


def _addresses(big: int, small: int) -> dict[str, str]:
    page, listed = "admin:campaigns_campaign_change", reverse(DELIVERIES)
    middle = Delivery.objects.order_by("-pk").values_list("pk", flat=True)[0] // 2
    return {
        "big campaign": reverse(page, args=[big]),
        "big campaign, what is asked for every 2 s": reverse("admin:campaigns_campaign_live", args=[big]),
        "big campaign, middle of its list": reverse("admin:campaigns_campaign_people", args=[big])
        + f"?after={middle}&at=2",
        "big campaign, middle of who was sent it": reverse("admin:campaigns_campaign_people", args=[big])
        + f"?state=sent&after={middle}&at=2",
        "big campaign, chart of its run": reverse("admin:campaigns_campaign_run", args=[big]),
        "big campaign, who failed": reverse("admin:campaigns_campaign_people", args=[big]) + "?state=failed",
        "small campaign": reverse(page, args=[small]),
        "list of campaigns": reverse("admin:campaigns_campaign_changelist"),
        "home": reverse("admin:index"),
        "delivery list": listed,
        "delivery list, middle page": f"{listed}?p={Delivery.objects.count() // 200}",
        "delivery list, failed only": f"{listed}?status__exact=failed",
        "delivery list, of one campaign": f"{listed}?campaign__id__exact={small}",
        "delivery list, one number": f"{listed}?q=%2B573100000007",
        "list of calls": reverse("admin:campaigns_deliveryattempt_changelist"),
    }


def _page(client: Client, name: str, address: str) -> dict[str, Any]:
    get(client, address)
    taken = [get(client, address)[0] for _ in range(REPEATS)]
    counted = Statements()
    with counted.counting():
        get(client, address)
    slow = [row for row in counted.per(1) if row["ms_per_message"] >= SLOW_MS]
    return {"page": name, "queries": counted.total(), "ms": median(taken), "worst_ms": max(taken), "slow": slow}


def get(client: Client, address: str, *, allowed: Sequence[int] = (200, 286)) -> tuple[float, Any]:
    """With a cold cache: its milliseconds and the answer."""
    cache.clear()
    began = time.perf_counter()
    answer = client.get(address)
    taken = 1000 * (time.perf_counter() - began)
    assert answer.status_code in allowed, f"{address} answers {answer.status_code}"
    return taken, answer
