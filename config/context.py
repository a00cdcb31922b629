"""What every page knows about the installation."""

from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns import safe_mode, shared_key
from campaigns.installation import held_sentence, why_held


@dataclass(frozen=True)
class Band:
    """A line across the top of every page."""

    sentence: str
    tone: str
    url: str = ""
    link: str = ""


def site(request: HttpRequest) -> dict[str, object]:
    # A function, which templates call: only the frame of the admin shows bands, and only there are they looked up.
    return {"bands": partial(bands, request), "public_url": settings.PUBLIC_URL}


def bands(request: HttpRequest) -> list[Band]:
    """Each by a function of its own, that says None when there is nothing to say."""
    return [
        band for band in (_demo(request), _safe_mode(request), _held(request), _two_keys(request)) if band is not None
    ]


def _demo(request: HttpRequest) -> Band | None:
    return Band(_("Demonstration: nobody real receives anything."), "accent") if settings.DEMO else None


def _safe_mode(request: HttpRequest) -> Band | None:
    """Whoever has not logged in need not know whose the test addresses are."""
    if not safe_mode.is_on():
        return None
    user = getattr(request, "user", None)
    return Band(safe_mode.sentence(with_addresses=user is not None and user.is_staff), "warn")


def _held(request: HttpRequest) -> Band | None:
    """For whoever has logged in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_staff or not (reason := why_held()):
        return None
    url = reverse("admin:campaigns_campaign_installation") if user.has_perm("campaigns.view_campaign") else ""
    return Band(held_sentence(reason), "bad", url, _("Look and decide"))


def _two_keys(request: HttpRequest) -> Band | None:
    user = getattr(request, "user", None)
    if user is None or not user.is_staff or not shared_key.differs():
        return None
    sentence = _(
        "These pages and the worker use different SECRET_KEYs: what you start begins late, and keys of gateways cannot "
        "be read. Ask your technician to give both the same one."
    )
    return Band(sentence, "bad")
