"""What a launch would do, in lines, and why it may not be done."""

from datetime import datetime

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from campaigns.enums import CampaignKind, CampaignStatus, Channel, SkipReason
from campaigns.finish import days_words
from campaigns.management.words import moment_words, table
from campaigns.models import Campaign
from campaigns.placeholders import BadTemplate
from campaigns.preflight import Preflight, preflight
from campaigns.scheduling import last_moment_of
from campaigns.template_checks import no_template_sentence
from campaigns.text_messages import sentences_for
from campaigns.windows import window_of
from whatsapp.models import SendingSettings
from whatsapp.pacing import closed_until
from whatsapp.preview import duration


def read_plan(campaign: Campaign, *, now: datetime) -> Preflight:
    """Raises CommandError when the text cannot be filled in."""
    try:
        return preflight(campaign, now=now)
    except BadTemplate as error:
        raise CommandError(_("The text cannot be sent. %(why)s") % {"why": " ".join(sentences_for(error))}) from error


def plan_lines(plan: Preflight, *, now: datetime) -> list[str]:
    rows: list[tuple[object, ...]] = [(channel.label, plan.recipients[channel]) for channel in _channels(plan)]
    rows.append((_("Skipped"), plan.skipped_total))
    if plan.merged:
        rows.append((_("Merged"), plan.merged, _("several people with one address: it gets one message")))
    return [plan.campaign.name, *table(rows), *table(_skipped_rows(plan)), *_time_lines(plan, now=now)]


def _channels(plan: Preflight) -> list[Channel]:
    reached = [channel for channel in Channel if plan.recipients[channel]]
    return reached or [channel for channel in Channel if any(channel == skipped for skipped, _why in plan.skipped)]


def _skipped_rows(plan: Preflight) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for (channel, reason), number in plan.skipped.most_common():
        names = plan.skipped_people[channel, reason]
        more = ", …" if number > len(names) else ""
        why = f"{Channel(channel).label}: {SkipReason(reason).label} ({', '.join(names)}{more})"
        rows.append(("", number, why))
    return rows


def _time_lines(plan: Preflight, *, now: datetime) -> list[str]:
    lines = []
    if plan.whatsapp and plan.senders:
        lines.append(
            _("Waiting time by the rule: %(duration)s, from %(names)s.")
            % {"duration": duration(plan.waiting_seconds), "names": _few([sender.name for sender in plan.senders])}
        )
    return [*lines, *_closed_lines(plan, now=now), *_end_lines(plan, now=now), *_too_slow_lines(plan, now=now)]


def _end_lines(plan: Preflight, *, now: datetime) -> list[str]:
    lines, zone = [], plan.campaign.zone
    if plan.finish_at and (plan.whatsapp or plan.finish_at > now):
        end = moment_words(plan.finish_at, zone, now=now)
        lines.append(_("If it starts now, it ends at about %(moment)s.") % {"moment": end})
    if plan.latest_at:
        latest = moment_words(plan.latest_at, zone, now=now)
        lines.append(_("With the random extra of the pauses it may last until %(moment)s.") % {"moment": latest})
    return lines + ([days_words(plan.finish)] if plan.finish and days_words(plan.finish) else [])


def _closed_lines(plan: Preflight, *, now: datetime) -> list[str]:
    lines, limits = [], SendingSettings.load()
    for channel in plan.recipients:
        opens = closed_until(window_of(plan.campaign, channel, limits), now)
        if opens is not None:
            lines.append(
                _("%(channel)s: outside the hours in which messages may leave. The first one leaves at %(moment)s.")
                % {"channel": Channel(channel).label, "moment": moment_words(opens, plan.campaign.zone, now=now)}
            )
    return lines


def _too_slow_lines(plan: Preflight, *, now: datetime) -> list[str]:
    limit = last_moment_of(plan.campaign, launched_at=now)
    if not (limit and plan.finish_at and now < limit < plan.finish_at):
        return []
    return [
        _("At this pace it does not end before %(moment)s. Whoever has not got it by then gets nothing.")
        % {"moment": moment_words(limit, plan.campaign.zone, now=now)}
    ]


def refuse_bad(plan: Preflight, *, now: datetime) -> None:
    """Raises CommandError with everything that forbids the launch."""
    if found := [*_of_numbers(plan), *_of_message(plan, now=now)]:
        raise CommandError("\n".join(found))


def _of_numbers(plan: Preflight) -> list[str]:
    sentences = {
        "nobody": nobody_words(plan),
        "no_number": _("There is no WhatsApp number in use. Add one or switch one on, or send it by e-mail."),
        "no_template": no_template_sentence(plan.campaign),
        "template": plan.template_problem,
        "too_long": _("For %(names)s the finished text is longer than the channel allows. Shorten it.")
        % {"names": _few([name for name, _numbers in plan.too_long])},
    }
    return [sentences[problem] for problem in plan.problems]


def _few(names: list[str], most: int = 5) -> str:
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")


def nobody_words(plan: Preflight) -> str:
    reasons = {reason for _channel, reason in plan.skipped}
    if not reasons:
        if plan.campaign.kind == CampaignKind.TICKETS:
            return _("There is no valid ticket to send. Issue them first, for example with issue_tickets.")
        return _("There is nobody to send it to.")
    if reasons == {SkipReason.ALREADY_SENT}:
        return _("Everybody was sent theirs before. With --again they get it once more.")
    return _("Nobody of these people would get it; the reasons are above. Try another channel, or correct them.")


def _of_message(plan: Preflight, *, now: datetime) -> list[str]:
    """What the launch would only find out when it is too late to say."""
    campaign = plan.campaign
    found = _lateness(campaign, now=now)
    by_whatsapp = plan.whatsapp and not campaign.body.strip()
    by_email = plan.email and not (campaign.email_body or campaign.body).strip()
    if by_whatsapp or by_email:
        found.append(_("The message has no text yet. Write it first."))
    return found


def _lateness(campaign: Campaign, *, now: datetime) -> list[str]:
    last = last_moment_of(campaign, launched_at=campaign.launched_at or now)
    if last is None or last > now:
        return []
    moment = moment_words(last, campaign.zone, now=now)
    return [_("It may not leave later than %(moment)s, and that has passed.") % {"moment": moment}]


def refuse_late(campaign: Campaign, *, now: datetime) -> None:
    """Queued now, it would only turn from failed into expired."""
    if found := _lateness(campaign, now=now):
        raise CommandError(found[0])


def discard(campaign: Campaign) -> None:
    """A draft of ours that was not launched, for whatever reason, is not left lying about."""
    Campaign.objects.filter(pk=campaign.pk, status=CampaignStatus.DRAFT).delete()
