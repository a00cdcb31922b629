"""`manage.py send_tickets --event SLUG`: everybody's ticket, through the same paced queue as from the pages."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from campaigns.drafts import draft_tickets
from campaigns.enums import Channels
from campaigns.management.following import FollowingCommand
from campaigns.management.plans import discard, plan_lines, read_plan, refuse_bad
from campaigns.management.words import say_safe_mode
from tickets.models import Event


class Command(FollowingCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "Send the valid tickets of an event to their holders. Whoever was sent theirs before is left out. First it "
            "shows who gets it, who does not and why, and how long it takes; when something forbids it, nothing is "
            "sent and the exit status is 1."
        )
        parser.add_argument("--event", metavar="SLUG", required=True, help=_("The short name of the event."))
        parser.add_argument(
            "--channel", choices=Channels.values, default=Channels.WHATSAPP.value, help=_("Default: whatsapp.")
        )
        parser.add_argument("--again", action="store_true", help=_("Also to those who were sent theirs before."))
        parser.add_argument("--dry-run", action="store_true", help=_("Only show what would happen."))
        self.add_wait(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        say_safe_mode(self)
        event = _event(options["event"])
        campaign = draft_tickets(event, channels=options["channel"], again=options["again"])
        try:
            now = self.clock()
            plan = read_plan(campaign, now=now)
            self.stdout.write("\n".join(plan_lines(plan, now=now)))
            refuse_bad(plan, now=now)
            if options["dry_run"]:
                self.stdout.write(_("Nothing was sent: this was a dry run."))
            else:
                self.launch(plan, read_at=now, wait=options["wait"])
        finally:
            discard(campaign)


def _event(slug: str) -> Event:
    if found := Event.objects.filter(slug=slug).first():
        return found
    names = ", ".join(Event.objects.order_by("-starts_at").values_list("slug", flat=True)[:10]) or "–"
    raise CommandError(
        _("There is no event with the short name “%(slug)s”. The latest are: %(names)s.")
        % {"slug": slug, "names": names}
    )
