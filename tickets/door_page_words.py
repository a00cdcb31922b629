"""What the door page says by itself, around the verdicts. Those have the words of the server, also without network.

`{n}`, `{time}` and the like are filled in by the page.
"""

from django.utils.translation import gettext as _


def page_words() -> dict[str, str]:
    """Every sentence of the page by its key, in the language of the moment."""
    return _state() | _camera() | _verdicts() | _people() | _lists() | _ways_out()


def _state() -> dict[str, str]:
    return {
        "online": _("Online"),
        "offline": _("No network: this phone judges by itself"),
        "waiting_one": _("1 scan waiting to be sent"),
        "waiting_many": _("{n} scans waiting to be sent"),
        "list_of": _("list of {time}"),
        "list_missing": _("no list yet"),
        "keeps_nothing": _("this browser keeps nothing: stay online"),
        "of_expected": _("inside of {n}"),
        "logged_out": _("You are signed out. Open your link again, or sign in; what waits here stays here until then."),
        "reload": _("This page is out of date. Load it again; what waits here stays here."),
        "trouble": _("This phone could not keep the scan. Close other pages, load this one again and scan again."),
    }


def _camera() -> dict[str, str]:
    return {
        "camera_start": _("Start the camera"),
        "camera_stop": _("Stop the camera"),
        "camera_off": _("The camera is off."),
        "camera_starting": _("The camera is starting…"),
        "camera_refused": _(
            "The camera is not allowed. Allow it in the browser, with the padlock beside the address, and start it "
            "again. Until then type the codes."
        ),
        "camera_missing": _("There is no camera here. Type the code that stands below the QR."),
        "camera_busy": _("The camera does not answer. Close other apps that use it, and start it again."),
        "camera_insecure": _(
            "The camera works only where the address begins with https. Tell whoever installed this; until then type "
            "the codes."
        ),
        "code_empty": _("Type the code that stands below the QR, for example K7MD-4QXT."),
        "code_wrong": _(
            "A code has 8 letters and digits, without 0, O, 1, I, L and U, for example K7MD-4QXT. Compare it once more."
        ),
    }


def _verdicts() -> dict[str, str]:
    return {
        "title_no_list": _("No list yet"),
        "title_stopped": _("Not possible now"),
        "sentence_no_list": _("Without network and without a list this phone cannot judge. Look for network."),
        "sentence_stopped": _("The server does not take scans from this phone."),
    }


def _people() -> dict[str, str]:
    return {
        "of_people": _("{n} of {all} inside"),
        "let_in_one": _("Let in 1 more"),
        "let_in_many": _("Let in {n} more"),
    }


def _lists() -> dict[str, str]:
    return {
        "ticket": _("Ticket"),
        "let_in_people": _("{n} people"),
        "without_network": _("without network"),
        "take_back": _("Take back…"),
        "taken_back": _("Taken back"),
        "undo_needs_network": _("Taking back needs network. Try again when it is there."),
        "conflict": _("At {time} this phone let {n} in without network, gate {gate}"),
        "conflict_error": _("The scan of {time} could not be recorded, gate {gate}"),
        "title_error": _("Tell the organisers"),
        "seen": _("Got it"),
    }


def _ways_out() -> dict[str, str]:
    return {
        "leave_waiting_one": _("1 scan has not been sent yet."),
        "leave_waiting_many": _("{n} scans have not been sent yet."),
        "leave_lost": _("If you leave now, nobody will know of who came in without network."),
        "leave_offline": _("There is no network. You can leave when it is back; nothing is lost until then."),
    }
