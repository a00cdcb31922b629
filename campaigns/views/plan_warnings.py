"""What forbids a launch, and what somebody should know before it: sentences for the launch page."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import safe_mode
from campaigns.enums import CampaignKind, Channel, DeliveryStatus
from campaigns.finish import days_words
from campaigns.headcount import RECIPIENT, Group
from campaigns.models import Campaign, Delivery
from campaigns.preflight import Preflight
from campaigns.scheduling import last_moment_of
from campaigns.template_checks import no_template_sentence
from campaigns.views.showing import when
from campaigns.windows import window_of
from whatsapp.enums import SenderState
from whatsapp.pacing import closed_until

SAME_TEXT_FROM = 100  # equal messages on WhatsApp that look like spam to it
NEW_LIST_FROM = 20  # people: with fewer, the first send is the trial itself
LOOKED_AT = 500  # people of a list that are asked whether they ever got anything


def problems_of(campaign: Campaign, numbers: Preflight, *, now: datetime) -> list[str]:
    """Any of them forbids the launch."""
    sentences = {
        "nobody": _("Nobody would get it. Choose other channels, or look below at who is skipped and why."),
        "no_number": _("There is no WhatsApp number in use. Add one or switch one on, or send it by e-mail."),
        "no_template": no_template_sentence(campaign),
        "template": numbers.template_problem,
        "too_long": _("For some people the finished text is longer than the channel allows. Shorten it."),
    }
    found = [sentences[problem] for problem in numbers.problems]
    if _is_empty(campaign, numbers):
        found.insert(0, _("The message has no text yet. Write it first."))
    last = last_moment_of(campaign, launched_at=now)
    if last and last <= now:
        found.append(
            _("It may not leave later than %(moment)s, and that has passed. Change that time in the draft.")
            % {"moment": when(last, campaign.zone, now=now)}
        )
    return found


def _is_empty(campaign: Campaign, numbers: Preflight) -> bool:
    by_whatsapp = numbers.whatsapp and not campaign.body.strip()
    by_email = numbers.email and not (campaign.email_body or campaign.body).strip()
    return bool(by_whatsapp or by_email)


def warnings_of(campaign: Campaign, numbers: Preflight, *, now: datetime) -> list[str]:
    """The most serious first."""
    return [
        *_about_safe_mode(numbers),
        *_about_worker(numbers),
        *_about_numbers(numbers),
        *_about_templates(numbers),
        *_about_hours(campaign, numbers, now=now),
        *_about_days(campaign, numbers, now=now),
        *_about_people(campaign, numbers),
    ]


def _about_safe_mode(numbers: Preflight) -> list[str]:
    return [safe_mode.sentence()] if safe_mode.is_on() and numbers.messages else []


def _about_worker(numbers: Preflight) -> list[str]:
    if not numbers.scene.nobody_works:
        return []
    return [_("The background worker is not running. Nothing leaves until your technician starts it.")]


def _about_numbers(numbers: Preflight) -> list[str]:
    if not numbers.whatsapp or not numbers.senders:
        return []
    asleep = [sender.name for sender in numbers.senders if sender.state != SenderState.READY]
    if len(asleep) == len(numbers.senders):
        return [_("No WhatsApp number is known to be ready. The messages wait until one is.")]
    if not asleep:
        return []
    sentence = ngettext(
        "%(names)s is not known to be ready. The others send its share until it is.",
        "%(names)s are not known to be ready. The others send their share until they are.",
        len(asleep),
    )
    return [sentence % {"names": ", ".join(f"“{name}”" for name in asleep)}]


def _about_templates(numbers: Preflight) -> list[str]:
    """Some numbers could send it if it had a template; that all are like this is a problem of its own."""
    if not numbers.whatsapp or not numbers.senders or not numbers.lacking:
        return []
    sentence = ngettext(
        "%(names)s only sends templates that Meta has approved, and this message has none of its account. The others "
        "send it.",
        "%(names)s only send templates that Meta has approved, and this message has none of their account. The others "
        "send it.",
        len(numbers.lacking),
    )
    return [sentence % {"names": ", ".join(f"“{sender.name}”" for sender in numbers.lacking)}]


def _about_hours(campaign: Campaign, numbers: Preflight, *, now: datetime) -> list[str]:
    found = []
    for channel in numbers.recipients:
        opens = closed_until(window_of(campaign, channel, numbers.scene.limits.settings), now)
        if opens is not None:
            found.append(
                _("%(channel)s: outside the hours in which messages may leave. The first one leaves at %(moment)s.")
                % {"channel": Channel(channel).label, "moment": when(opens, campaign.zone, now=now)}
            )
    return found


def _about_days(campaign: Campaign, numbers: Preflight, *, now: datetime) -> list[str]:
    found = [why] if numbers.finish and (why := days_words(numbers.finish)) else []
    ends, limit = numbers.finish_at, last_moment_of(campaign, launched_at=now)
    if ends and limit and limit > now and ends > limit:
        found.append(
            _("At this pace it does not end before %(moment)s. Whoever has not got it by then gets nothing.")
            % {"moment": when(limit, campaign.zone, now=now)}
        )
    return found


def _about_people(campaign: Campaign, numbers: Preflight) -> list[str]:
    found = []
    if numbers.whatsapp >= SAME_TEXT_FROM and Channel.WHATSAPP in numbers.count.same_for_all:
        found.append(
            _(
                "All %(n)d people get exactly the same text on WhatsApp, which takes that for spam sooner. Put in "
                "something of each person, for example {nombre}."
            )
            % {"n": numbers.whatsapp}
        )
    if _is_new_list(campaign, numbers):
        found.append(
            _(
                "Nobody on this list has ever got a message from here. Are the numbers right, and do these people "
                "expect it? Try a few of them first: many complaints can cost the number."
            )
        )
    return found


def _is_new_list(campaign: Campaign, numbers: Preflight) -> bool:
    """Tickets are expected by whoever has one. Of a long list people from all over it are asked about."""
    if campaign.kind == CampaignKind.TICKETS or numbers.messages < NEW_LIST_FROM:
        return False
    ids: list[int] = []
    for channel in numbers.recipients:
        everybody = numbers.count.groups[Group(RECIPIENT, channel)]
        ids += everybody[:: max(1, -(-len(everybody) // LOOKED_AT))]
    reached = Delivery.objects.filter(contact__in=set(ids), status__in=sorted(DeliveryStatus.taken))
    return not reached.exclude(campaign=campaign).exists()
