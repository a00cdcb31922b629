"""`manage.py campaign_status [ID]`: where one campaign stands, or the latest ones. For people and for programs."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.enums import CampaignStatus, Channel, DeliveryStatus
from campaigns.management.asking import campaign_numbered
from campaigns.management.reports import number_lines, reason_lines, state_lines
from campaigns.management.words import moment_words, say_safe_mode, table, waiting_words
from campaigns.models import Campaign
from campaigns.models.campaign import LISTED
from campaigns.numbers import Number, numbers_in_use
from campaigns.progress import Snapshot, snapshot, totals_by_state
from campaigns.scene import Scene
from campaigns.scheduling import planned_words

LATEST = 20


class Command(BaseCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "Where a campaign stands, why it waits and until when. Without ID: the latest campaigns."
        )
        parser.add_argument("id", metavar="ID", nargs="?", default="", help=_("The number of the campaign."))
        parser.add_argument("--json", action="store_true", dest="as_json", help=_("For programs."))

    def handle(self, *args: Any, **options: Any) -> None:
        say_safe_mode(self)
        now = timezone.now()
        scene = Scene(now)
        if options["id"] != "":
            seen = snapshot(campaign_numbered(options["id"]), scene)
            words = _as_json(_found(seen, scene)) if options["as_json"] else "\n".join(_in_words(seen, scene))
            self.stdout.write(words)
            return
        latest = list(Campaign.objects.filter(LISTED).select_related("event")[:LATEST])
        if options["as_json"]:
            self.stdout.write(_as_json([_found(snapshot(campaign, scene), scene) for campaign in latest]))
        else:
            self.stdout.write("\n".join(_list_lines(latest, now=now)))


def _numbers(seen: Snapshot, scene: Scene) -> list[Number]:
    """Those that work for it now."""
    is_at_work = seen.campaign.status == CampaignStatus.SENDING and Channel.WHATSAPP in seen.by_channel
    return numbers_in_use(scene) if is_at_work else []


def _found(seen: Snapshot, scene: Scene) -> dict[str, Any]:
    return seen.as_json() | {"numbers": [number.as_json() for number in _numbers(seen, scene)]}


def _as_json(found: object) -> str:
    return json.dumps(found, ensure_ascii=False, indent=2)


def _in_words(seen: Snapshot, scene: Scene) -> Iterator[str]:
    campaign, now = seen.campaign, seen.taken_at
    yield f"{campaign.pk}  {campaign.name}: {campaign.get_status_display()}"
    if campaign.status == CampaignStatus.OVERDUE or (campaign.schedule_from and not campaign.launched_at):
        yield _("Planned: %(moment)s") % {"moment": planned_words(campaign, now=now)}
    if seen.total:
        yield from state_lines(seen)
        yield from reason_lines(seen)
    if seen.waiting:
        yield waiting_words(seen.waiting, campaign.zone, now=now)
    if seen.finish_at:
        end = moment_words(seen.finish_at, campaign.zone, now=now)
        yield _("At this pace it ends at about %(moment)s.") % {"moment": end}
    if seen.days_sentence:
        yield seen.days_sentence
    yield from number_lines(_numbers(seen, scene), seen)


def _list_lines(latest: list[Campaign], *, now: datetime) -> list[str]:
    if not latest:
        return [_("There is no campaign yet.")]
    counts = totals_by_state([campaign.pk for campaign in latest])
    head = ("ID", _("Name"), _("State"), _("Done"), _("Total"), _("Created"))
    rows = [
        (
            campaign.pk,
            campaign.name,
            campaign.get_status_display(),
            *_done_and_total(counts[campaign.pk]),
            moment_words(campaign.created_at, campaign.zone, now=now),
        )
        for campaign in latest
    ]
    return table([head, *rows])


def _done_and_total(counts: dict[str, int]) -> tuple[int, int]:
    total = sum(counts.values())
    return total - sum(counts.get(state, 0) for state in DeliveryStatus.open), total
