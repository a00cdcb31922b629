"""The menu: groups of links, of which everybody sees those that they may open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Entry:
    """A list of the admin, by its model, perhaps another page about it; or the home page, which has none."""

    label: str | Promise
    icon: str
    model: str = ""
    query: str = ""  # of the list
    page: str = ""  # the name of the page's address; it is for whoever may see the model
    permission: str = ""  # that the page needs besides


@dataclass(frozen=True)
class Group:
    label: str | Promise
    entries: tuple[Entry, ...]


HOME = Entry(_("Home"), "home")
MENU = (
    Group(
        pgettext_lazy("menu", "Sending"),
        (
            HOME,
            Entry(_("Campaigns"), "megaphone", "campaigns.campaign"),
            Entry(_("Deliveries"), "send", "campaigns.delivery"),
            Entry(_("To review"), "uncertain", "campaigns.delivery", page="admin:campaigns_campaign_uncertain"),
            Entry(_("Replies"), "inbox", "campaigns.reply"),
            Entry(_("Attempts"), "history", "campaigns.deliveryattempt"),
            Entry(_("Birthdays"), "cake", "campaigns.birthdaygreeting"),
        ),
    ),
    Group(
        _("Events"),
        (
            Entry(_("Events"), "calendar", "tickets.event"),
            Entry(_("Tickets"), "ticket", "tickets.ticket"),
            Entry(
                _("Open the door"),
                "scan",
                "tickets.checkin",
                page="tickets:door_events",
                permission="tickets.add_checkin",
            ),
            Entry(_("Check-ins"), "check", "tickets.checkin"),
            Entry(_("Door accesses"), "key", "tickets.dooraccess"),
        ),
    ),
    Group(
        _("People"),
        (
            Entry(_("Contacts"), "users", "tickets.contact"),
            Entry(_("Imports"), "upload", "tickets.import"),
            Entry(_("Tags"), "tag", "tickets.tag"),
            Entry(_("Segments"), "filter", "tickets.segment"),
            Entry(_("Possible duplicates"), "copy", "tickets.contact", page="admin:tickets_contact_duplicates"),
        ),
    ),
    Group(
        _("WhatsApp"),
        (
            Entry(_("Numbers"), "phone", "whatsapp.sender"),
            Entry(_("Sending settings"), "sliders", "whatsapp.sendingsettings"),
            Entry(_("Words and answers"), "stop", "campaigns.replysettings"),
        ),
    ),
    Group(
        _("System"),
        (
            Entry(_("History"), "history", "tickets.historyentry"),
            Entry(_("Users"), "user", "auth.user"),
            Entry(_("Groups"), "shield", "auth.group"),
            Entry(_("Mailboxes"), "mail", "campaigns.mailbox"),
            Entry(_("Lanes"), "lane", "campaigns.lane"),
            Entry(_("Dispatchers"), "gauge", "campaigns.dispatcher"),
            Entry(_("Reports of gateways"), "inbox", "whatsapp.webhookpost"),
            Entry(_("Finished tasks"), "tasks", "django_q.success"),
            Entry(_("Failed tasks"), "failed", "django_q.failure"),
            Entry(_("Scheduled tasks"), "clock", "django_q.schedule"),
            Entry(_("Queued tasks"), "inbox", "django_q.ormq"),
        ),
    ),
)


@dataclass(frozen=True)
class Item:
    label: str | Promise
    icon: str
    url: str
    current: bool


@dataclass(frozen=True)
class ItemGroup:
    label: str | Promise
    items: tuple[Item, ...]


def build_menu(
    request: HttpRequest, available_apps: Sequence[Mapping[str, Any]], home_url: str, menu: Sequence[Group] = MENU
) -> list[ItemGroup]:
    """What this person may open; a list that is not registered or not allowed is simply not there."""
    urls = {HOME: home_url} | {
        entry: url
        for entry, url in _urls(available_apps, menu).items()
        if not entry.permission or request.user.has_perm(entry.permission)
    }
    current = _current(request, urls)
    groups = [
        ItemGroup(
            group.label,
            tuple(Item(e.label, e.icon, urls[e], e == current) for e in group.entries if e in urls),
        )
        for group in menu
    ]
    return [group for group in groups if group.items]


def _urls(available_apps: Sequence[Mapping[str, Any]], menu: Sequence[Group]) -> dict[Entry, str]:
    lists = {
        model["model"]._meta.label_lower: model["admin_url"]
        for app in available_apps
        for model in app["models"]
        if model.get("admin_url")
    }
    return {
        entry: _address(entry, lists[entry.model]) for group in menu for entry in group.entries if entry.model in lists
    }


def _address(entry: Entry, changelist: str) -> str:
    if entry.page:
        return reverse(entry.page)
    return changelist + (f"?{entry.query}" if entry.query else "")


def _current(request: HttpRequest, urls: Mapping[Entry, str]) -> Entry | None:
    """The entry whose page this is: the longest address that the request's begins with."""
    # A page of our own says where it belongs when its address does not.
    here = getattr(request, "place_in_menu", "") or request.get_full_path()
    if here.partition("?")[0] == urls[HOME]:
        return HOME
    inside = [entry for entry, url in urls.items() if entry != HOME and here.startswith(url)]
    return max(inside, key=lambda entry: len(urls[entry]), default=None)
