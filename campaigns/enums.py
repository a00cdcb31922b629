"""Words for the states of campaigns, deliveries and attempts."""

from enum import nonmember

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.replies.words import Meaning


class CampaignKind(models.TextChoices):
    TICKETS = "tickets", _("Tickets")
    ANNOUNCEMENT = "announcement", _("Announcement")


class Origin(models.TextChoices):
    """Who made a campaign: somebody of the staff, or the system by itself, and what for."""

    STAFF = "", _("Made by a person")
    SECOND_CHANNEL = "second_channel", _("Second channel")
    REMINDER = "reminder", _("Reminder to the team")
    BIRTHDAY = "birthday", _("Birthday greeting")
    REPLY = "reply", _("Answer to somebody who wrote")
    FORWARD = "forward", _("Replies told to the team")

    to_staff = nonmember(frozenset({"reminder", "forward"}))  # to an address of the team, to nobody on record
    unlisted = nonmember(frozenset({"reminder", "forward", "reply"}))  # one message each: in no list of campaigns


class Channels(models.TextChoices):
    """Which ways a campaign takes."""

    WHATSAPP = "whatsapp", _("WhatsApp")
    EMAIL = "email", _("E-mail")
    BOTH = "both", _("WhatsApp and e-mail")
    WHATSAPP_FIRST = "whatsapp_first", _("WhatsApp, and e-mail for whoever has no WhatsApp number")


class Channel(models.TextChoices):
    WHATSAPP = "whatsapp", _("WhatsApp")
    EMAIL = "email", _("E-mail")


class CampaignStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SCHEDULED = "scheduled", _("Scheduled")
    OVERDUE = "overdue", _("Late: waiting for you")
    SENDING = "sending", _("Sending")
    PAUSED = "paused", _("Paused")
    FINISHED = "finished", _("Finished")
    CANCELLED = "cancelled", _("Cancelled")

    live = nonmember(frozenset({"sending", "paused"}))


class ScheduleFrom(models.TextChoices):
    """What a scheduled moment is counted from."""

    NONE = "", _("a date and time")
    EVENT_START = "event_start", _("the beginning of the event")
    EVENT_END = "event_end", _("the end of the event")


class DeliveryStatus(models.TextChoices):
    WAITING = "waiting", _("Waiting for its time")
    PENDING = "pending", _("Pending")
    CLAIMED = "claimed", _("Leaving now")
    SENT = "sent", _("Sent")
    DELIVERED = "delivered", _("Delivered")
    READ = "read", _("Read")
    FAILED = "failed", _("Failed")
    UNCERTAIN = "uncertain", _("Uncertain")
    SKIPPED = "skipped", _("Skipped")
    CANCELLED = "cancelled", pgettext_lazy("delivery", "Cancelled")
    EXPIRED = "expired", _("Expired")

    open = nonmember(frozenset({"waiting", "pending", "claimed"}))
    withdrawable = nonmember(frozenset({"waiting", "pending"}))
    arrived = nonmember(frozenset({"sent", "delivered", "read"}))
    left = nonmember(frozenset({"claimed", "sent", "delivered", "read", "uncertain"}))  # or may have
    # May be with the person already, or will be: never sent again by the machine.
    taken = nonmember(frozenset({"waiting", "pending", "claimed", "sent", "delivered", "read", "uncertain"}))


class AttemptOutcome(models.TextChoices):
    STARTED = "started", _("Under way")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused")
    NOT_SENT = "not_sent", _("Did not leave")
    UNCERTAIN = "uncertain", _("Uncertain")


class SkipReason(models.TextChoices):
    """Why a person of the audience gets no message. Shown before the launch where it is known by then."""

    NO_PHONE = "no_phone", _("Has no WhatsApp number")
    NO_EMAIL = "no_email", _("Has no e-mail address")
    OPTED_OUT = "opted_out", _("Asked for no more messages on this channel")
    ALREADY_SENT = "already_sent", _("Was sent this ticket before")
    TICKET_NOT_VALID = "ticket_not_valid", _("The ticket is no longer valid")
    CONTACT_DELETED = "contact_deleted", _("The contact was deleted")
    MERGED = "merged", _("The person was listed twice and gets it once")
    TEST_ONLY = "test_only", _("Went to a test address, because the safe mode was on")
    CHANGED_MIND = "changed_mind", _("Wanted something else by then")


class LanePause(models.TextChoices):
    """Why a lane rests."""

    NONE = "", _("Working")
    NOT_READY = "not_ready", _("The WhatsApp service is not ready")
    UNREACHABLE = "unreachable", _("The service does not answer")
    RATE_LIMITED = "rate_limited", _("The service asked to go slower")
    BREAKER = "breaker", _("Resting after several failures in a row")
    NOBODY_FOUND = "nobody_found", _("Its number check answers “no” for everybody")
    BLOCKED = "blocked", _("WhatsApp blocked this number")
    AUTH = "auth", _("The key of the service is wrong")
    SILENT = "silent", _("No receipt comes for what it sends")
    FAILING = "failing", _("What it sends fails afterwards")
    PEOPLE_LIMIT = "people_limit", _("Everybody whom Meta allows in 24 hours was reached")


class ReplyMeaning(models.TextChoices):
    """What somebody wants who wrote to one of our numbers."""

    STOP = Meaning.STOP.value, _("No more announcements")
    RESUME = Meaning.RESUME.value, _("Announcements again")
    OTHER = Meaning.OTHER.value, _("Something else")

    wishes = nonmember(frozenset({Meaning.STOP.value, Meaning.RESUME.value}))


class ReplyState(models.TextChoices):
    """Whether it is known who wrote."""

    UNMATCHED = "unmatched", _("Nobody knows who wrote it")
    MATCHED = "matched", _("Known by itself")
    SETTLED = "settled", _("Decided by a person")
