"""The page of one person: who they are, what they want, what happened with them; and writing down a wish."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tickets.admin.duplicates import DuplicateViews
from tickets.admin.export import ExportViews
from tickets.admin.merge import MergeViews
from tickets.admin.people_base import PeopleViews, person_page
from tickets.admin.wish_writers import writers_of_wishes
from tickets.birth_dates import birthday_of
from tickets.forms.wishes import WAYS, ConsentForm, WishForm
from tickets.models import Contact
from tickets.optouts import CHANNEL_NAMES, CHANNELS, opt_in, opt_out
from tickets.preferences import preferences_url
from tickets.timeline import Place, Viewer, timeline

if TYPE_CHECKING:
    from tickets.admin.contact import ContactAdmin

page_or_post = require_http_methods(["GET", "HEAD", "POST"])


def people_urls(admin: "ContactAdmin") -> list[URLPattern]:
    """They stand before Django's own, which would swallow them."""
    wrap = admin.admin_site.admin_view
    people, merging = PersonViews(admin), MergeViews(admin)
    return [
        path("duplicates/", wrap(page_or_post(DuplicateViews(admin).duplicates)), name="tickets_contact_duplicates"),
        path("export/", wrap(page_or_post(ExportViews(admin).export)), name="tickets_contact_export"),
        path("<int:pk>/person/", wrap(require_safe(people.person)), name="tickets_contact_person"),
        path("<int:pk>/wish/<str:channel>/", wrap(page_or_post(people.wish)), name="tickets_contact_wish"),
        path("<int:pk>/merge/", wrap(page_or_post(merging.merge)), name="tickets_contact_merge"),
    ]


class PersonViews(PeopleViews):
    def person(self, request: HttpRequest, pk: int) -> HttpResponse:
        contact = self.contact(request, pk)
        if isinstance(contact, HttpResponse):
            return contact
        before = Place.of(request.GET.get("before", ""))
        may_wish = request.user.has_perm("tickets.opt_out_contact")
        page = timeline(contact, Viewer(request.user.has_perm), before=before)
        context = {
            "title": contact.name,
            "contact": contact,
            "tags": contact.tags.all(),
            "birthday": birthday_of(contact),
            # Not in the template, where "items" would first be looked for among the names of the data.
            "attributes": contact.attributes.items(),
            "wishes": _wishes(contact),
            "preferences_url": preferences_url(contact.pk) if may_wish else "",
            "entries": page.entries,
            "older": page.next,
            "is_first_page": before is None,
            "zone": timezone.get_current_timezone(),
            "can_change": self.admin.has_change_permission(request, contact),
            "can_wish": may_wish,
            "can_merge": self.admin.has_merge_permission(request),
        }
        return self.render(request, "tickets/person.html", context)

    def wish(self, request: HttpRequest, pk: int, channel: str) -> HttpResponse:
        """Writes down an opt-out where there is none, and the end of one where there is."""
        if not request.user.has_perm("tickets.opt_out_contact"):
            raise PermissionDenied
        if channel not in CHANNELS:
            raise Http404(_("There is no such channel."))
        contact = self.contact(request, pk)
        if isinstance(contact, HttpResponse):
            return contact
        wish = _wish(contact, channel)
        form_class = ConsentForm if _is_opt_in(request, wish) else WishForm
        form = form_class(request.POST if request.method == "POST" else None, now=timezone.now())
        if request.method == "POST" and form.is_valid():
            self._write(request, contact, channel, form)
            return HttpResponseRedirect(person_page(contact.pk))
        return self._show_wish(request, wish, form)

    def _show_wish(self, request: HttpRequest, wish: dict[str, Any], form: WishForm) -> TemplateResponse:
        is_opt_in = isinstance(form, ConsentForm)
        title = _("Announcements again (%(channel)s)") if is_opt_in else _("No more announcements (%(channel)s)")
        context = wish | {
            "title": title % {"channel": wish["name"]},
            "form": form,
            "is_opt_in": is_opt_in,
            "seen": request.POST.get("seen", wish["since"].isoformat() if wish["since"] else ""),
            "ways": WAYS,
        }
        return self.render(request, "tickets/wish.html", context)

    def _write(self, request: HttpRequest, contact: Contact, channel: str, form: WishForm) -> None:
        given = {"user": request.user, "source": form.cleaned_data["source"], "at": form.cleaned_data["at"]}
        given["text"], name = form.cleaned_data["text"], CHANNEL_NAMES[channel]
        if isinstance(form, ConsentForm):
            seen = _moment(request.POST.get("seen", ""))
            done = opt_in(contact, channel, **given, seen=seen)
            sentence = _("%(name)s gets announcements again (%(channel)s).")
        else:
            done = opt_out(contact, channel, **given)
            sentence = _("%(name)s gets no more announcements (%(channel)s), from the very next message on.")
        if done:
            messages.success(request, sentence % {"name": contact.name, "channel": name})
        else:
            messages.info(request, _("That was changed meanwhile, so nothing was written down. Please look again."))


def _moment(typed: str) -> datetime | None:
    try:
        moment = parse_datetime(typed)
    except ValueError:
        return None
    return moment if moment and timezone.is_aware(moment) else None


def _is_opt_in(request: HttpRequest, wish: dict[str, Any]) -> bool:
    """What the page asked, also when the wish has changed since: then nothing is written, and it is said."""
    return bool(request.POST.get("seen")) if request.method == "POST" else wish["since"] is not None


def _wishes(contact: Contact) -> list[dict[str, Any]]:
    """Of each channel, with who wrote down what holds now, where the history knows it."""
    wishes = [_wish(contact, channel) for channel in CHANNELS]
    if any(wish["since"] or wish["consent_at"] for wish in wishes):
        writers = writers_of_wishes(contact)
        for wish in wishes:
            wish["writer"] = writers.get((wish["channel"], "opt_out_at", wish["since"]), "")
            wish["consent_writer"] = writers.get((wish["channel"], "consent_at", wish["consent_at"]), "")
    return wishes


def _wish(contact: Contact, channel: str) -> dict[str, Any]:
    return {
        "contact": contact,
        "channel": channel,
        "name": CHANNEL_NAMES[channel],
        "address": contact.phone if channel == "whatsapp" else contact.email,
        "since": getattr(contact, f"{channel}_opt_out_at"),
        "source": getattr(contact, f"{channel}_opt_out_source"),
        "text": getattr(contact, f"{channel}_opt_out_text"),
        "consent_at": getattr(contact, f"{channel}_consent_at"),
        "consent_source": getattr(contact, f"{channel}_consent_source"),
        "consent_text": getattr(contact, f"{channel}_consent_text"),
        "url": reverse("admin:tickets_contact_wish", args=[contact.pk, channel]),
    }
