"""`manage.py uncertain [CAMPAIGN]`: what may or may not have arrived, with what is known of each. It only looks."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.enums import DeliveryStatus
from campaigns.evidence import Evidence, evidence_of
from campaigns.management.asking import campaign_numbered
from campaigns.management.words import moment_words
from campaigns.models import Delivery

AT_ONCE = 500


class Command(BaseCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "List the messages that left without a clear answer, with what is known of each. Decide about them with "
            "settle_uncertain."
        )
        parser.add_argument("campaign", metavar="CAMPAIGN", nargs="?", default="", help=_("Only those of this one."))
        parser.add_argument("--json", action="store_true", dest="as_json", help=_("For programs."))

    def handle(self, *args: Any, **options: Any) -> None:
        deliveries = Delivery.objects.filter(status=DeliveryStatus.UNCERTAIN)
        if options["campaign"] != "":
            deliveries = deliveries.filter(campaign=campaign_numbered(options["campaign"]))
        if options["as_json"]:
            self.stdout.write(json.dumps([_as_json(one) for one in _known(deliveries)], ensure_ascii=False, indent=2))
            return
        now, number = timezone.now(), 0
        for one in _known(deliveries):
            number += 1
            self.stdout.write("\n".join(_lines(one, now=now)))
        self.stdout.write(_sum_words(number))


def _known(deliveries: QuerySet[Delivery]) -> Iterator[Evidence]:
    heavy = ("text", "campaign__audience", "campaign__body", "campaign__email_body")
    rows = deliveries.select_related("campaign", "sender").defer(*heavy).order_by("pk").iterator(AT_ONCE)
    while some := list(islice(rows, AT_ONCE)):
        yield from evidence_of(some)


def _lines(one: Evidence, *, now: datetime) -> Iterator[str]:
    delivery = one.delivery
    words = partial(moment_words, zone=delivery.campaign.zone, now=now)
    place = f"{delivery.get_channel_display()} · {one.place}" if one.place else delivery.get_channel_display()
    yield f"{delivery.pk}  {delivery.recipient}  {delivery.address}"
    yield f"    {delivery.campaign_id}  {delivery.campaign.name}  {place}  {words(one.started_at)}{_seconds_words(one)}"
    for line in (str(one.explanation.sentence), one.answer, *one.signs(words), one.advice):
        if line:
            yield f"    {line}"


def _seconds_words(one: Evidence) -> str:
    return "" if one.seconds is None else f"  {one.seconds:g} s"


def _sum_words(number: int) -> str:
    if not number:
        return _("Nothing is uncertain.")
    sentence = ngettext(
        "%(n)d message is uncertain. Decide with settle_uncertain.",
        "%(n)d messages are uncertain. Decide with settle_uncertain.",
        number,
    )
    return sentence % {"n": number}


def _as_json(one: Evidence) -> dict[str, Any]:
    """Moments in UTC; of sentences only those that a person would read."""
    delivery, call = one.delivery, one.attempt
    return {
        "delivery": delivery.pk,
        "campaign": delivery.campaign_id,
        "person": delivery.recipient,
        "address": delivery.address,
        "channel": delivery.channel,
        "from": one.place,
        "started_at": one.started_at.isoformat(),
        "seconds": one.seconds,
        "error_kind": delivery.error_kind,
        "http_status": call and call.http_status,
        "detail": (call and call.detail) or delivery.error_detail,
        "signs": list(one.signs(datetime.isoformat)),
        "advice": one.advice,
    }
