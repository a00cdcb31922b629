"""What every page knows about the installation."""

from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns import installation, safe_mode, shared_key
from campaigns.scene import scene_of


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
    user = getattr(request, "user", None)
    staff = user if user is not None and user.is_staff else None
    known = scene_of(request).known if staff else installation.NOTHING_KNOWN
    found = (_demo(), _safe_mode(staff), _held(staff, known), _two_keys(known))
    return [band for band in found if band is not None]


def _demo() -> Band | None:
    return Band(_("Demonstration: nobody real receives anything."), "accent") if settings.DEMO else None


def _safe_mode(staff: User | None) -> Band | None:
    """Whoever has not logged in need not know whose the test addresses are."""
    return Band(safe_mode.sentence(with_addresses=staff is not None), "warn") if safe_mode.is_on() else None


def _held(staff: User | None, known: installation.Known) -> Band | None:
    if staff is None or not known.held_reason:
        return None
    url = reverse("admin:campaigns_campaign_installation") if staff.has_perm("campaigns.view_campaign") else ""
    return Band(installation.held_sentence(known.held_reason), "bad", url, _("Look and decide"))


def _two_keys(known: installation.Known) -> Band | None:
    if not shared_key.is_other(known.key_mark):
        return None
    sentence = _(
        "These pages and the worker use different SECRET_KEYs: what you start begins late, and keys of gateways cannot "
        "be read. Ask your technician to give both the same one."
    )
    return Band(sentence, "bad")
