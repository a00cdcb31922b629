"""What is done one after another, and said while it is done."""

import sys
import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import OutputWrapper
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import lifecycle
from campaigns.console import follow
from campaigns.management.plans import plan_lines, read_plan, refuse_bad
from campaigns.models import Campaign
from campaigns.progress import Snapshot
from demo import gateway, story
from demo.options import Options
from demo.programs import wait_for_all
from demo.report import Outcome, address_lines, outcome_lines
from demo.signals import Stopped
from scripts.supervision import Supervision
from whatsapp.control import check_sender
from whatsapp.webhooks.address import address_of


def prepare() -> None:
    _say(_("Preparing an empty database"))
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)


def perform(options: Options, place: Path, running: Supervision) -> int:
    """While the programs run."""
    password = story.make_login()
    campaign = _fill(options)
    _say(_("Starting the simulated WhatsApp, the worker and the pages"))
    wait_for_all(running, options)
    for sender in story.senders():
        check_sender(sender, now=timezone.now())
        gateway.report_to(options.gateway_port, address_of(sender), options.profile)
    seen, estimate = _send(campaign, running)
    _say(_("Result"))
    _print(outcome_lines(_outcome(seen, estimate, options, place)))
    _say(_("Where to look"))
    inbox = f"http://localhost:{options.gateway_port}/"
    _print(address_lines(campaign, site=settings.PUBLIC_URL, inbox=inbox, place=place, password=password))
    return 0 if options.is_once else _stay(running)


def _fill(options: Options) -> Campaign:
    story.set_pace(options)
    story.make_sender(options)
    event = story.make_event()
    _say(_("Importing the people of %(list)s and issuing their tickets") % {"list": story.LIST.name})
    story.import_people(event)
    return story.draft(event)


def _send(campaign: Campaign, running: Supervision) -> tuple[Snapshot, timedelta]:
    """Follows it to its end. Returns also how long it was going to take."""
    now = timezone.now()
    plan = read_plan(campaign, now=now)
    _say(_("Launching the campaign"))
    _print(plan_lines(plan, now=now))
    refuse_bad(plan, now=now)
    lifecycle.launch(campaign, user=campaign.created_by, now=now)

    def sleep(seconds: float) -> None:
        time.sleep(seconds)
        running.check()

    seen = follow(campaign, out=OutputWrapper(sys.stdout), sleep=sleep)
    return seen, (plan.finish_at or now) - now


def _outcome(seen: Snapshot, estimate: timedelta, options: Options, place: Path) -> Outcome:
    state = gateway.simulator_state(options.gateway_port)
    # Django keeps what left through one connection in one file.
    mails = sum(file.read_bytes().count(b"\nMessage-ID: ") for file in (place / "mail").glob("*"))
    return Outcome(seen, estimate, in_inbox=state["delivered"], collapses=state["collapses"], mails=mails)


def _stay(running: Supervision) -> int:
    _say(_("Everything keeps running. Press Ctrl-C to end it."))
    try:
        while True:
            time.sleep(1)
            running.check()
    except Stopped:
        return 0


def _say(sentence: str) -> None:
    print(f"\n» {sentence}", flush=True)


def _print(lines: list[str]) -> None:
    print("\n".join(lines), flush=True)
