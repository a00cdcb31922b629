"""Every named address of the site, found by walking the resolver, and one that can be opened for each of them."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from tickets.preferences import preferences_token

# Which of the things in tests/filled.py a page is opened with, where it is not the one that is named for its model.
OPENED_WITH = {
    "admin:auth_group_delete": "own_group",
    "admin:campaigns_campaign_launch": "draft",
    "admin:campaigns_campaign_preview": "draft",
    "admin:campaigns_campaign_picture": "draft",
    "admin:campaigns_campaign_template": "draft",
    "admin:campaigns_campaign_resume": "paused",
    "admin:campaigns_campaign_unschedule": "scheduled",
    "admin:campaigns_campaign_resend": "finished",
    "admin:campaigns_campaign_launch_people": "draft",
    "admin:campaigns_campaign_count": "draft",
    "admin:campaigns_campaign_find": "draft",
    "admin:campaigns_campaign_event": "event",
    "admin:campaigns_campaign_event_live": "event",
    "admin:campaigns_campaign_event_arrivals": "event",
    "admin:campaigns_campaign_event_refusals": "event",
    "admin:campaigns_campaign_event_people": "event",
    "admin:campaigns_campaign_event_send": "event",
    "admin:campaigns_campaign_event_export": "event",
    "admin:campaigns_campaign_number_again": "sender",
    "admin:campaigns_reply_settle": "unsettled",
    "admin:whatsapp_sender_templates": "cloud",
    "admin:tickets_import_undo": "imported",
}
MORE_ARGUMENTS = {"admin:tickets_contact_wish": ["whatsapp"], "admin:whatsapp_sender_use": ["drain"]}
DOOR_TOKEN = "P" * 22  # of the link of a volunteer
MODELS = {
    "birthdaygreeting": "settings",
    "deliveryattempt": "attempt",
    "replysettings": "settings",
    "sendingsettings": "settings",
}
QUERIES = {
    "admin:autocomplete": "?app_label=tickets&model_name=ticket&field_name=event",
    "admin:campaigns_campaign_drafts": "?id={of_tickets}",
    "admin:tickets_ticket_transfer": "?q=persona",
    "admin:campaigns_reply_settle": "?q=persona",
}


def names() -> list[str]:
    """Such as admin:tickets_event_changelist, each once."""
    return sorted(set(_names(get_resolver().url_patterns, "")))


def _names(patterns: list[Any], space: str) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _names(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield space + pattern.name


def address(name: str, made: dict[str, Any]) -> str:
    """With the query that the page needs."""
    query = QUERIES.get(name, "").format(**{key: value.pk for key, value in made.items()})
    return _path(name, made) + query


def _path(name: str, made: dict[str, Any]) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return reverse(name, args=_arguments(name, made))


def _arguments(name: str, made: dict[str, Any]) -> list[Any]:
    if name == "admin:app_list":
        return ["tickets"]
    if name == "admin:view_on_site":
        return [1, 1]
    if name == "tickets:door_key":
        return [DOOR_TOKEN]
    if name.startswith("tickets:door"):
        return [made["event"].slug]
    if name in ("tickets:preferences", "tickets:unsubscribe"):
        return [preferences_token(made["contact"].pk)]
    if name.startswith("tickets:"):
        return [made["ticket"].token]
    if name == "whatsapp:hook":
        return [made["sender"].pk, made["sender"].hook_key]
    return [_key(name, made), *MORE_ARGUMENTS.get(name, [])]


def _key(name: str, made: dict[str, Any]) -> Any:
    if name in OPENED_WITH:
        return made[OPENED_WITH[name]].pk
    model = model_of(name)
    key = MODELS.get(model, model)
    return 1 if key == "settings" else made[key].pk


def model_of(name: str) -> str:
    """Such as event, of admin:tickets_event_change; empty where the page belongs to no model."""
    for model in sorted(admin.site._registry, key=lambda m: -len(m._meta.label)):
        if name.startswith(f"admin:{model._meta.app_label}_{model._meta.model_name}_"):
            return str(model._meta.model_name)
    return ""
