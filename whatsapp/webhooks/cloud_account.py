"""What Meta reports of the account and of its templates. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from whatsapp.gateways.answers import look
from whatsapp.gateways.base import State, _
from whatsapp.webhooks.base import News, StateNews, TemplateNews, moment
from whatsapp.webhooks.cloud_people import Part

_ENDED = {
    "ACCOUNT_DELETED": _("the account was deleted at Meta"),
    "ACCOUNT_OFFBOARDED": _("the number was registered elsewhere, and Meta closed this access"),
}
# After these a template may be sent, or may not; other events say something about its quality or its review.
_TEMPLATE_EVENTS = {
    "APPROVED": "APPROVED",
    "REINSTATED": "APPROVED",
    "PAUSED": "PAUSED",
    "DISABLED": "DISABLED",
    "REJECTED": "REJECTED",
    "PENDING": "PENDING",
    "IN_APPEAL": "IN_APPEAL",
    "ARCHIVED": "ARCHIVED",
    "DELETED": "DELETED",
    "PENDING_DELETION": "PENDING_DELETION",
}
_TEMPLATE_TITLES = {
    **dict.fromkeys(("FIRST_PAUSE", "SECOND_PAUSE", "RATE_LIMITING_PAUSE"), "PAUSED"),
    "UNPAUSE": "APPROVED",
    "DISABLED": "DISABLED",
}


def account_news(part: Part) -> Iterator[News]:
    """Only what keeps messages from leaving. What is over again is seen at the next look at the number.

    "Offboarded" is one number that was registered elsewhere; the others of its account go on.
    """
    event = part.content["event"]
    if event in _ENDED:
        yield StateNews(State.FAILED, _ENDED[event], of_account=event == "ACCOUNT_DELETED")
    elif event == "DISABLED_UPDATE" and look(part.content, "ban_info.waba_ban_state") == "DISABLE":
        yield StateNews(State.RESTRICTED, _("Meta disabled the account"), of_account=True)
    elif event == "ACCOUNT_RESTRICTION":
        yield from _restriction(part.content["restriction_info"])


def _restriction(restrictions: list[Mapping[str, Any]]) -> Iterator[News]:
    """Calls and the adding of numbers can be restricted too, and are of no concern here. The last end counts."""
    ours = [each for each in restrictions if "MESSAGING" in each["restriction_type"]]
    if not ours:
        return
    ends = [moment(each.get("expiration")) for each in ours]
    known = [end for end in ends if end is not None]
    names = ", ".join(sorted({each["restriction_type"] for each in ours}))
    ends_at = max(known) if len(known) == len(ends) else None
    yield StateNews(State.RESTRICTED, f"Meta restricted the account: {names}", ends_at, of_account=True)


def template_news(part: Part) -> Iterator[News]:
    event = part.content["event"]
    status = _TEMPLATE_EVENTS.get(event) or _TEMPLATE_TITLES.get(look(part.content, "other_info.title"))
    if status:
        # Here Meta writes en-US, and en_US in the list of templates.
        language = part.content["message_template_language"].replace("-", "_")
        yield TemplateNews(part.content["message_template_name"], language, status)
