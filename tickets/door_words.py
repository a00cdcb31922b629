"""What a door says, in the language of whoever stands there. The page without network says the same."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tickets.doors import Why

# Names in braces, which Python and the page's script fill in alike.


def verdict_words() -> dict[str, str]:
    """Title and sentence of each verdict, by `title_…` and `sentence_…` with the reason (`good` where there is none).

    Of numbers there are two forms, `…_one` and `…_many`.
    """
    return _titles() | _sentences()


def closed_words(why: Why) -> str:
    return {
        Why.LOGIN: _("Please sign in again, or open your door link once more. What was scanned is kept on this phone."),
        Why.EARLY: _("Your access to this door does not count yet. Look at its hours in your link."),
        Why.LATE: _("The hours of your access to this door are over. Ask the organisers if you need more time."),
        Why.OTHER_EVENT: _("Your access is for the door of another event. Open the link of this one."),
        Why.NOT_ACTIVE: _("This event is closed, so nobody is let in. The organisers can open it again."),
        Why.NO_PERMISSION: _("You may not do this at the door. Ask the organisers for the permission."),
    }[why]


def _titles() -> dict[str, str]:
    return {
        "title_good": pgettext("door", "Come in"),
        "title_unknown": pgettext("door", "Unknown code"),
        "title_other_event": pgettext("door", "Another event"),
        "title_voided": pgettext("door", "Void ticket"),
        "title_replaced": pgettext("door", "Replaced ticket"),
        "title_blocked": pgettext("door", "Blocked ticket"),
        "title_already_inside": pgettext("door", "Already inside"),
        "title_too_many": pgettext("door", "Too many people"),
        "title_too_early": pgettext("door", "Too early"),
    }


def _sentences() -> dict[str, str]:
    return {
        "sentence_good_one": _("1 person comes in."),
        "sentence_good_many": _("{n} people come in."),
        "sentence_left_one": _("1 more person may still come with this ticket."),
        "sentence_left_many": _("{n} more people may still come with this ticket."),
        "sentence_unknown": _("No ticket has this code. Scan it once more or type the code that stands under the QR."),
        "sentence_other_event": _("This ticket is not for this event. Please send the person to the desk."),
        "sentence_voided": _("This ticket was voided. Please send the person to the desk."),
        "sentence_replaced": _("There is a newer ticket in its place. Ask for the newest message with the ticket."),
        "sentence_blocked": _("This ticket is blocked for now. Please send the person to the desk."),
        "sentence_already_inside": _("Everybody on this ticket is inside already."),
        "sentence_already_inside_since": _("Everybody on this ticket is inside already, the first since {since}."),
        "sentence_already_inside_gate": _(
            "Everybody on this ticket is inside already, the first since {since} by the gate {gate}."
        ),
        "sentence_too_many_one": _("Only 1 more person may come with this ticket. Nobody was let in."),
        "sentence_too_many_many": _("Only {n} more people may come with this ticket. Nobody was let in."),
        "sentence_too_early": _("The doors open at {opens}. The ticket is good."),
    }
