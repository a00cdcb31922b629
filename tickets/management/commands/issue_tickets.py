"""Tickets for everybody, or for everybody with a tag."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from tickets.enums import Action
from tickets.history import record
from tickets.issuing import LONGEST_TYPE, MOST_EACH, issue_tickets
from tickets.models import Contact, Event, Tag
from tickets.types import CannotIssue, resolve_type


class Command(BaseCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "Issue tickets of an event. Whoever has them already keeps them, so the command can be repeated. The exit "
            "status is 1, and no ticket is issued, when the event, the tag or the type cannot be used, when nobody is "
            "chosen, or when the event or the type has no room for everybody."
        )
        parser.add_argument("--event", metavar="SLUG", required=True, help=_("The short name of the event."))
        parser.add_argument("--tag", help=_("Issue to everybody with this tag."))
        parser.add_argument("--all", action="store_true", help=_("Issue to every contact."))
        parser.add_argument("--type", default=None, help=_("The type of the tickets."))
        parser.add_argument("--each", type=int, default=1, help=_("How many tickets each person is to have, 1 to 10."))

    def handle(self, *args: Any, **options: Any) -> None:
        event, each = _event(options["event"]), options["each"]
        if not 1 <= each <= MOST_EACH:
            raise CommandError(_("Each person can have 1 to %(most)d tickets.") % {"most": MOST_EACH})
        holders = _holders(options["tag"], everybody=options["all"])
        try:
            type_ = resolve_type(event, _type(options["type"]))
            result = issue_tickets(event, holders, type=type_, each=each)
        except CannotIssue as error:
            raise CommandError(str(error)) from error
        record("issue_tickets", event, Action.ISSUED, after={"tickets": result.created, "existing": result.existing})
        self.stdout.write(
            _("Tickets of “%(event)s”: %(created)d issued, %(existing)d existed already.")
            % {"event": event, "created": result.created, "existing": result.existing}
        )


def _event(slug: str) -> Event:
    event = Event.objects.filter(slug=slug).first()
    if event is None:
        raise CommandError(_("There is no event with the short name “%(slug)s”.") % {"slug": slug})
    if not event.is_active:
        raise CommandError(_("“%(event)s” is not active. Activate it first.") % {"event": event})
    return event


def _type(name: str | None) -> str:
    """Written by hand or by a script: what no form would take is refused here. None: nobody named one."""
    if name is None:
        return ""
    name = name.strip()
    if not name or len(name) > LONGEST_TYPE or not name.isprintable():
        raise CommandError(
            _("The type needs a name of 1 to %(longest)d characters on one line.") % {"longest": LONGEST_TYPE}
        )
    return name


def _holders(tag: str | None, *, everybody: bool) -> QuerySet[Contact]:
    if (tag is None) == (not everybody):
        raise CommandError(_("Say who gets a ticket: either --tag NAME or --all."))
    holders = Contact.objects.all() if tag is None else _tag(tag).contacts.all()
    if not holders.exists():
        raise CommandError(_("There is nobody to issue tickets to."))
    return holders


def _tag(name: str) -> Tag:
    tags = Tag.objects.filter(name=name.strip()) or Tag.objects.filter(name__iexact=name.strip())
    if len(tags) != 1:
        raise CommandError(_("There is no tag called “%(tag)s”.") % {"tag": name})
    return tags[0]
