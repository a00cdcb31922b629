"""What a new installation lacks before anything can be sent, in the order in which it is made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.scene import Scene
from campaigns.views.home_counts import Counted


@dataclass(frozen=True)
class Step:
    sentence: str | Promise
    button: str | Promise
    icon: str
    url: str
    is_done: bool
    is_next: bool = False


def first_steps(
    request: HttpRequest, scene: Scene, counts: Mapping[str, int], *, event: int | None = None
) -> list[Step]:
    """Those that this person may take; empty once all of them are done.

    `counts` are those of the figures; `event` is the only one to come, for which a list is most likely meant.
    """
    makers: list[tuple[tuple[str, str], Callable[[], Step]]] = [
        (("whatsapp.view_sender", "whatsapp.add_sender"), lambda: _number(scene)),
        (("tickets.view_event", "tickets.add_event"), lambda: _event(counts)),
        (("tickets.view_contact", "tickets.import_contacts"), lambda: _people(counts, event)),
    ]
    steps = [make() for permissions, make in makers if request.user.has_perms(permissions)]
    following = next((step for step in steps if not step.is_done), None)
    if following is None:
        return []
    return [replace(step, is_next=step is following) for step in steps]


def _number(scene: Scene) -> Step:
    url = reverse("admin:whatsapp_sender_add")
    is_done = any(lane.sender_id for lane in scene.lanes)
    return Step(_("The WhatsApp number that messages leave from"), _("Add the number"), "phone", url, is_done)


def _event(counts: Mapping[str, int]) -> Step:
    url = reverse("admin:tickets_event_add")
    is_done = counts[Counted.EVENTS] > 0
    sentence = _("The event, with the message that carries its tickets")
    return Step(sentence, _("Create the event"), "calendar", url, is_done)


def _people(counts: Mapping[str, int], event: int | None) -> Step:
    url = reverse("admin:tickets_import_add") + (f"?event={event}" if event else "")
    is_done = counts[Counted.CONTACTS] > 0
    return Step(_("The people, from a list in CSV or Excel"), _("Import a list"), "upload", url, is_done)
