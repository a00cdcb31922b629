"""The page on which a person says what they want to get from us, for whoever has their link.

Looking changes nothing, however often a scanner, a preview or a program that fetches pages in advance looks. Neither
page asks for a cookie: the address is the key, and whoever does not have it cannot send anything either. That is also
why Django's token against forged forms is left out: it would add nothing, and browsers that name no origin, because the
page lets no address out, would be refused.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tickets.history import THE_PERSON
from tickets.models import Contact
from tickets.names import first_name
from tickets.optouts import opt_in, opt_out
from tickets.preferences import contact_of
from tickets.preferences_words import Choice, choices_of, no_more_at_all
from tickets.views.kept_private import kept_private, not_found

ALL = "all-no"
ONE_CLICK = ("List-Unsubscribe", "One-Click")  # RFC 8058, section 3.1
SAVED = "guardado"
ON_THE_PAGE, IN_THE_MAIL = gettext_noop("Preference page"), gettext_noop("“Unsubscribe” of the mail program")

page_or_post = require_http_methods(["GET", "HEAD", "POST"])


def _of_person(view: Callable[[HttpRequest, str, Contact], HttpResponse]) -> Callable[[HttpRequest, str], HttpResponse]:
    """In the language of whoever the link belongs to; a link that we did not make looks like a ticket that is none."""

    @wraps(view)
    def with_person(request: HttpRequest, token: str) -> HttpResponse:
        contact = contact_of(token)
        if contact is None:
            return not_found(request)
        with translation.override(contact.language):
            response = view(request, token, contact)
        response.headers["Content-Language"] = contact.language
        return response

    return with_person


@csrf_exempt
@kept_private
@page_or_post
@_of_person
def preferences(request: HttpRequest, token: str, contact: Contact) -> HttpResponse:
    if request.method != "POST":
        return _page(request, token, contact, is_saved=SAVED in request.GET)
    asked = request.POST.get("choice", "")
    with transaction.atomic():
        for choice in choices_of(contact):
            if asked == choice.value:
                _keep(contact, choice, choice.text, seen=_moment(request.POST.get(f"seen-{choice.channel}", "")))
            elif asked == ALL and choice.is_wanted:
                _keep(contact, choice, choice.text_with(no_more_at_all()))
    return HttpResponseRedirect(f"{reverse('tickets:preferences', args=[token])}?{SAVED}=1")


@csrf_exempt
@kept_private
@page_or_post
@_of_person
def unsubscribe(request: HttpRequest, token: str, contact: Contact) -> HttpResponse:
    """What the button of a mail program sends to, once and without asking anybody. Who comes by hand gets the page."""
    name, value = ONE_CLICK
    is_asked = request.method == "POST" and request.POST.get(name) == value
    if is_asked:
        now, text = timezone.now(), f"{name}={value}"
        for one in _at_the_address_of(contact):
            opt_out(one, "email", user=THE_PERSON, source=_source(IN_THE_MAIL), at=now, text=text, now=now)
        contact.refresh_from_db()
    return _page(request, token, contact, is_saved=is_asked)


def _at_the_address_of(contact: Contact) -> list[Contact]:
    """The button is pressed in a mailbox, which wants no more, whoever else of us it belongs to."""
    same = Contact.objects.filter(~Q(email=""), email=contact.email, email_opt_out_at=None).exclude(pk=contact.pk)
    return [contact, *same.order_by("pk")]


def _keep(contact: Contact, choice: Choice, text: str, *, seen: datetime | None = None) -> None:
    """What holds already, or has changed since the page was opened, stays as it is: the next page says how."""
    now = timezone.now()
    given: dict[str, Any] = {"user": THE_PERSON, "source": _source(ON_THE_PAGE), "at": now, "text": text, "now": now}
    if choice.is_wanted:
        opt_out(contact, choice.channel, **given)
    else:
        opt_in(contact, choice.channel, **given, seen=seen)


def _page(request: HttpRequest, token: str, contact: Contact, *, is_saved: bool) -> HttpResponse:
    choices = choices_of(contact)
    context = {
        "name": first_name(contact.name),
        "choices": choices,
        "wants_several": sum(choice.is_wanted for choice in choices) > 1,
        "all": ALL,
        "action": reverse("tickets:preferences", args=[token]),
        "no_more_at_all": no_more_at_all(),
        "is_saved": is_saved,
    }
    return render(request, "tickets/preferences.html", context)


def _source(words: str) -> str:
    """It is read by the staff, and kept as it is."""
    with translation.override(settings.LANGUAGE_CODE):
        return _(words)


def _moment(typed: str) -> datetime | None:
    try:
        moment = parse_datetime(typed)
    except ValueError:
        return None
    return moment if moment and timezone.is_aware(moment) else None
