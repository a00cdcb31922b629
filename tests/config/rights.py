"""Which page asks for which permission. A page that is missing here fails the matrix: somebody must decide for whom it is."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin

ANYBODY, STAFF, NEVER = "anybody", "staff", "never"


@dataclass(frozen=True)
class Page:
    """`needs`: all of these; with | any of them; or ANYBODY, STAFF (whoever may sign in), NEVER (not even a superuser).

    `hides`: whoever may not is told that there is no such page. `posts`: it answers to POST only.
    """

    needs: str
    hides: bool = False
    posts: bool = False
    may_be_missing: bool = False


CAMPAIGN = "campaigns.view_campaign"
EVENT = "tickets.view_event"
WITHOUT_TICKET = f"{EVENT} tickets.view_ticket campaigns.view_delivery"
IMPORTS = "tickets.view_import|tickets.import_contacts|tickets.undo_import"

# Also pages of parts that are not installed everywhere: names that no address has are passed over.
PAGES: dict[str, Page] = {
    "admin:index": Page(STAFF),
    "admin:login": Page(ANYBODY),
    "admin:logout": Page(ANYBODY, posts=True),
    "admin:password_change": Page(STAFF),
    "admin:password_change_done": Page(STAFF),
    "admin:jsi18n": Page(STAFF),
    "admin:autocomplete": Page("tickets.view_event|tickets.change_event"),
    "admin:view_on_site": Page(STAFF, may_be_missing=True),
    "admin:app_list": Page("tickets.view_event|tickets.view_contact|tickets.view_ticket", hides=True),
    "set_language": Page(ANYBODY),
    "tickets:public_ticket": Page(ANYBODY),
    "tickets:public_qr": Page(ANYBODY),
    "tickets:door_events": Page("tickets.add_checkin"),
    "tickets:door": Page("tickets.add_checkin"),
    "tickets:door_key": Page(ANYBODY),
    "tickets:door_leave": Page(ANYBODY, posts=True),
    "tickets:door_list": Page("tickets.add_checkin"),
    "tickets:door_scan": Page("tickets.add_checkin", posts=True),
    "tickets:door_sync": Page("tickets.add_checkin", posts=True),
    "tickets:door_undo": Page("tickets.add_checkin tickets.undo_checkin", posts=True),
    "tickets:door_worker": Page(ANYBODY),
    "admin:tickets_checkin_undo": Page("tickets.view_checkin tickets.undo_checkin"),
    "admin:tickets_dooraccess_link": Page("tickets.change_dooraccess|tickets.add_dooraccess"),
    "admin:tickets_dooraccess_switch": Page("tickets.change_dooraccess", posts=True),
    "tickets:preferences": Page(ANYBODY),
    "tickets:unsubscribe": Page(ANYBODY),
    "tickets:public_picture": Page(ANYBODY),
    "tickets:public_pdf": Page(ANYBODY),
    "tickets:public_calendar": Page(ANYBODY),
    "tickets:public_pin": Page(ANYBODY, posts=True),
    "admin:auth_user_add": Page("auth.add_user auth.change_user"),
    "admin:auth_user_password_change": Page("auth.change_user"),
    "admin:campaigns_campaign_launch": Page(f"{CAMPAIGN} campaigns.launch_campaign"),
    "admin:campaigns_campaign_live": Page(CAMPAIGN),
    "admin:campaigns_campaign_people": Page(f"{CAMPAIGN} campaigns.view_delivery"),
    "admin:campaigns_campaign_pause": Page(f"{CAMPAIGN} campaigns.pause_campaign"),
    "admin:campaigns_campaign_resume": Page(f"{CAMPAIGN} campaigns.pause_campaign"),
    "admin:campaigns_campaign_unschedule": Page(f"{CAMPAIGN} campaigns.launch_campaign"),
    "admin:campaigns_campaign_cancel": Page(f"{CAMPAIGN} campaigns.cancel_campaign"),
    "admin:campaigns_campaign_resend": Page(f"{CAMPAIGN} campaigns.resend_failed"),
    "admin:campaigns_campaign_preview": Page("campaigns.change_campaign|campaigns.add_campaign", posts=True),
    "admin:campaigns_campaign_preview_new": Page("campaigns.change_campaign|campaigns.add_campaign", posts=True),
    "admin:campaigns_campaign_picture": Page(CAMPAIGN),
    "admin:campaigns_campaign_home": Page(CAMPAIGN),
    "admin:campaigns_campaign_uncertain": Page("campaigns.view_delivery"),
    "admin:campaigns_campaign_drafts": Page(CAMPAIGN),
    "admin:campaigns_campaign_installation": Page(CAMPAIGN),
    "admin:campaigns_campaign_count": Page("campaigns.change_campaign|campaigns.add_campaign", posts=True),
    "admin:campaigns_campaign_count_new": Page("campaigns.change_campaign|campaigns.add_campaign", posts=True),
    "admin:campaigns_campaign_find": Page("campaigns.change_campaign|campaigns.add_campaign", posts=True),
    "admin:campaigns_campaign_find_new": Page("campaigns.change_campaign|campaigns.add_campaign", posts=True),
    "admin:campaigns_campaign_template": Page("campaigns.change_campaign|campaigns.add_campaign", posts=True),
    "admin:campaigns_campaign_template_new": Page("campaigns.change_campaign|campaigns.add_campaign", posts=True),
    "admin:campaigns_campaign_duplicate": Page(f"{CAMPAIGN} campaigns.add_campaign"),
    "admin:campaigns_campaign_export": Page(f"{CAMPAIGN} campaigns.view_delivery campaigns.export_delivery"),
    "admin:campaigns_campaign_run": Page(CAMPAIGN),
    "admin:campaigns_campaign_launch_people": Page(f"{CAMPAIGN} campaigns.launch_campaign"),
    "admin:campaigns_campaign_number_again": Page("whatsapp.view_sender whatsapp.switch_sender", posts=True),
    "admin:campaigns_campaign_event": Page(EVENT),
    "admin:campaigns_campaign_event_live": Page(EVENT),
    "admin:campaigns_campaign_event_arrivals": Page(f"{EVENT} tickets.view_checkin"),
    "admin:campaigns_campaign_event_refusals": Page(f"{EVENT} tickets.view_checkin"),
    "admin:campaigns_campaign_event_people": Page(WITHOUT_TICKET),
    "admin:campaigns_campaign_event_send": Page(f"{WITHOUT_TICKET} {CAMPAIGN} campaigns.launch_campaign"),
    "admin:campaigns_campaign_event_export": Page(f"{WITHOUT_TICKET} campaigns.export_delivery"),
    "admin:campaigns_birthdaygreeting_preview": Page("campaigns.change_birthdaygreeting", posts=True),
    "admin:campaigns_reply_settle": Page(
        "campaigns.view_reply|campaigns.change_reply campaigns.settle_reply tickets.view_contact"
    ),
    "admin:campaigns_birthdaygreeting_template": Page("campaigns.change_birthdaygreeting", posts=True),
    "admin:campaigns_mailbox_test": Page("campaigns.change_mailbox", posts=True),
    "admin:campaigns_mailbox_test_own": Page("campaigns.change_mailbox", posts=True),
    "admin:tickets_contact_person": Page("tickets.view_contact|tickets.change_contact"),
    "admin:tickets_contact_wish": Page("tickets.view_contact|tickets.change_contact tickets.opt_out_contact"),
    "admin:tickets_segment_count": Page("tickets.add_segment|tickets.change_segment", posts=True),
    "admin:tickets_segment_number": Page("tickets.view_segment|tickets.change_segment"),
    "admin:tickets_contact_duplicates": Page("tickets.view_contact|tickets.change_contact"),
    "admin:tickets_contact_export": Page("tickets.view_contact|tickets.change_contact tickets.export_contact"),
    "admin:tickets_contact_merge": Page("tickets.view_contact|tickets.change_contact tickets.merge_contact"),
    "admin:tickets_historyentry_changelist": Page("tickets.view_historyentry"),
    "admin:tickets_historyentry_change": Page("tickets.view_historyentry"),
    "admin:tickets_historyentry_history": Page("tickets.view_historyentry"),
    "admin:tickets_import_changelist": Page(IMPORTS),
    "admin:tickets_import_change": Page(IMPORTS),
    "admin:tickets_import_history": Page(IMPORTS),
    "admin:tickets_import_add": Page("tickets.import_contacts"),
    "admin:tickets_import_live": Page(IMPORTS, may_be_missing=True),
    "admin:tickets_import_rejects": Page(IMPORTS, posts=True, may_be_missing=True),
    "admin:tickets_import_columns": Page("tickets.import_contacts"),
    "admin:tickets_import_run": Page("tickets.import_contacts", posts=True, may_be_missing=True),
    "admin:tickets_import_discard": Page("tickets.import_contacts", posts=True),
    "admin:tickets_import_undo": Page("tickets.undo_import"),
    "admin:tickets_event_picture": Page("tickets.view_event|tickets.change_event", hides=True),
    "admin:tickets_event_send": Page(f"tickets.view_event {CAMPAIGN} campaigns.launch_campaign"),
    "admin:tickets_ticket_transfer": Page("tickets.view_ticket|tickets.change_ticket tickets.transfer_ticket"),
    "admin:tickets_ticket_send": Page(f"tickets.view_ticket {CAMPAIGN} campaigns.launch_campaign"),
    "admin:whatsapp_sender_check": Page(
        "whatsapp.view_sender whatsapp.change_sender|whatsapp.restart_sender", posts=True
    ),
    "admin:whatsapp_sender_qr": Page(
        "whatsapp.view_sender whatsapp.change_sender|whatsapp.restart_sender", may_be_missing=True
    ),
    "admin:whatsapp_sender_restart": Page("whatsapp.view_sender whatsapp.restart_sender"),
    "admin:whatsapp_sender_use": Page("whatsapp.view_sender whatsapp.switch_sender"),
    "admin:whatsapp_sender_templates": Page(
        "whatsapp.view_sender|whatsapp.change_sender whatsapp.change_sender", posts=True
    ),
    "admin:whatsapp_sender_pace": Page("whatsapp.view_sender whatsapp.pace_sender"),
    "admin:whatsapp_sender_pace_preview": Page("whatsapp.view_sender whatsapp.pace_sender"),
    "admin:whatsapp_webhookpost_changelist": Page("whatsapp.view_webhookpost"),
    "admin:whatsapp_webhookpost_change": Page("whatsapp.view_webhookpost"),
    "admin:whatsapp_webhookpost_history": Page("whatsapp.view_webhookpost"),
    "admin:whatsapp_sender_address": Page("whatsapp.view_sender|whatsapp.change_sender whatsapp.change_sender"),
    "whatsapp:hook": Page(ANYBODY, posts=True),
    "admin:whatsapp_sendingsettings_preview": Page("whatsapp.view_sendingsettings|whatsapp.change_sendingsettings"),
}

# What Django offers for every model and this product does not.
CLOSED = {
    **dict.fromkeys(("event", "contact", "ticket", "checkin", "campaign", "delivery", "deliveryattempt"), "delete"),
    **dict.fromkeys(("lane", "dispatcher", "mailbox", "birthdaygreeting", "sender", "sendingsettings"), "delete"),
    **dict.fromkeys(("historyentry", "import", "dooraccess", "webhookpost", "reply", "replysettings"), "delete"),
}
NOT_ADDED = {
    "historyentry",
    "checkin",
    "delivery",
    "deliveryattempt",
    "lane",
    "dispatcher",
    "birthdaygreeting",
    "reply",
    "replysettings",
    "sendingsettings",
    "webhookpost",
    "success",
    "failure",
    "ormq",
}

# Forms whose permission is not called as Django calls it.
NAMED_OTHERWISE = {("add", "import"): "tickets.import_contacts"}

# Actions of lists: the permission without which they are neither offered nor done.
LIST_ACTIONS = {
    ("event", "send_tickets"): "campaigns.launch_campaign",
    ("ticket", "send_tickets"): "campaigns.launch_campaign",
    ("ticket", "void_action"): "tickets.void_ticket",
    ("ticket", "block_action"): "tickets.block_ticket",
    ("ticket", "unblock_action"): "tickets.block_ticket",
    ("ticket", "reissue_action"): "tickets.replace_ticket",
    ("contact", "add_tag_action"): "tickets.change_contact",
    ("contact", "remove_tag_action"): "tickets.change_contact",
    ("contact", "issue_action"): "tickets.add_ticket",
    ("contact", "merge_action"): "tickets.merge_contact",
    ("contact", "export_action"): "tickets.export_contact",
    ("contact", "new_announcement"): "campaigns.add_campaign",
    ("segment", "tag_people_action"): "tickets.change_contact",
    ("segment", "untag_people_action"): "tickets.change_contact",
    ("segment", "issue_action"): "tickets.add_ticket",
    ("tag", "issue_action"): "tickets.add_ticket",
    ("tag", "new_announcement"): "campaigns.add_campaign",
    ("success", "run_again"): "django_q.change_success",
    ("success", "delete_selected"): "django_q.delete_success",
    ("failure", "run_again"): "django_q.change_failure",
    ("failure", "delete_selected"): "django_q.delete_failure",
    ("ormq", "delete_selected"): "django_q.delete_ormq",
}


@dataclass(frozen=True)
class Action:
    """Something that a page lets people do. Without `permission` (any of them, with |) `mark` is not on the page
    `seen_on`, and a POST to `name` is refused."""

    name: str
    permission: str
    seen_on: str
    mark: str
    thing: str = ""
    data: tuple[tuple[str, str], ...] = ()


CHANGE = "admin:campaigns_campaign_change"
COMPOSE = "campaigns.change_campaign|campaigns.add_campaign"
EVENT_PAGE = "admin:campaigns_campaign_event"
NUMBER = "admin:whatsapp_sender_change"
PERSON = "admin:tickets_contact_person"
LIST = "admin:tickets_import_change"
DOOR = "tickets:door"
DECIDE = (("decision", "sent"), ("chosen", "1"))
ACTIONS = (
    Action("admin:campaigns_campaign_launch", "campaigns.launch_campaign", CHANGE, 'name="_launch"', "draft"),
    Action("admin:campaigns_campaign_pause", "campaigns.pause_campaign", CHANGE, "/pause/", "sending"),
    Action("admin:campaigns_campaign_resume", "campaigns.pause_campaign", CHANGE, "/resume/", "paused"),
    Action("admin:campaigns_campaign_unschedule", "campaigns.launch_campaign", CHANGE, "/unschedule/", "scheduled"),
    Action("admin:campaigns_campaign_cancel", "campaigns.cancel_campaign", CHANGE, "/cancel/", "sending"),
    Action("admin:campaigns_campaign_resend", "campaigns.resend_failed", CHANGE, "/resend/", "finished"),
    Action(
        "admin:campaigns_campaign_uncertain",
        "campaigns.resend_uncertain",
        "admin:campaigns_campaign_uncertain",
        'name="decision"',
        data=DECIDE,
    ),
    Action(
        "admin:campaigns_reply_settle",
        "campaigns.settle_reply",
        "admin:campaigns_reply_settle",
        'name="nobody"',
        data=(("nobody", "1"),),
    ),
    Action("admin:campaigns_campaign_preview", COMPOSE, CHANGE, "/preview/", "draft"),
    Action("admin:campaigns_campaign_preview_new", COMPOSE, "admin:campaigns_campaign_add", "/preview/"),
    Action("admin:campaigns_campaign_count", COMPOSE, CHANGE, "/count/", "draft"),
    Action("admin:campaigns_campaign_count_new", COMPOSE, "admin:campaigns_campaign_add", "/count/"),
    Action("admin:campaigns_campaign_find", COMPOSE, CHANGE, "/find/", "draft"),
    Action("admin:campaigns_campaign_find_new", COMPOSE, "admin:campaigns_campaign_add", "/find/"),
    Action("admin:campaigns_campaign_template", COMPOSE, CHANGE, "/template/", "draft"),
    Action("admin:campaigns_campaign_template_new", COMPOSE, "admin:campaigns_campaign_add", "/template/"),
    Action("admin:campaigns_campaign_duplicate", "campaigns.add_campaign", CHANGE, "/duplicate/", "finished"),
    Action("admin:campaigns_campaign_export", "campaigns.export_delivery", CHANGE, "/export/", "finished"),
    Action("admin:campaigns_campaign_event_send", "campaigns.launch_campaign", EVENT_PAGE, "/send/", "event"),
    Action("admin:campaigns_campaign_event_export", "campaigns.export_delivery", EVENT_PAGE, "/export/", "event"),
    Action(
        "admin:campaigns_birthdaygreeting_preview",
        "campaigns.change_birthdaygreeting",
        "admin:campaigns_birthdaygreeting_change",
        "/preview/",
    ),
    Action(
        "admin:campaigns_birthdaygreeting_template",
        "campaigns.change_birthdaygreeting",
        "admin:campaigns_birthdaygreeting_change",
        "/template/",
    ),
    Action("admin:campaigns_campaign_number_again", "whatsapp.switch_sender", NUMBER, "/again/", "stopped"),
    Action("admin:whatsapp_sender_use", "whatsapp.switch_sender", NUMBER, "/use/"),
    Action("admin:whatsapp_sender_templates", "whatsapp.change_sender", NUMBER, "/templates/", "cloud"),
    Action("admin:whatsapp_sender_pace", "whatsapp.pace_sender", NUMBER, "/pace/"),
    Action("admin:whatsapp_sender_address", "whatsapp.change_sender", NUMBER, "/address/"),
    Action("admin:tickets_contact_wish", "tickets.opt_out_contact", PERSON, "/wish/"),
    Action("admin:tickets_contact_export", "tickets.export_contact", "admin:tickets_contact_changelist", "/export/"),
    Action(
        "admin:tickets_segment_count",
        "tickets.add_segment|tickets.change_segment",
        "admin:tickets_segment_change",
        "/segment/count/",
    ),
    Action(
        "admin:tickets_contact_duplicates",
        "tickets.merge_contact",
        "admin:tickets_contact_duplicates",
        'name="ids"',
        data=(("ids", "1.2"),),
    ),
    Action("admin:tickets_contact_merge", "tickets.merge_contact", PERSON, "/merge/"),
    Action("admin:tickets_event_send", "campaigns.launch_campaign", "admin:tickets_event_change", "/send/"),
    Action("admin:tickets_ticket_send", "campaigns.launch_campaign", "admin:tickets_ticket_change", "/send/"),
    Action("admin:tickets_ticket_transfer", "tickets.transfer_ticket", "admin:tickets_ticket_change", "/transfer/"),
    Action("admin:whatsapp_sender_check", "whatsapp.change_sender|whatsapp.restart_sender", NUMBER, "/check/"),
    Action("admin:whatsapp_sender_restart", "whatsapp.restart_sender", NUMBER, "/restart/"),
    Action("admin:campaigns_mailbox_test", "campaigns.change_mailbox", "admin:campaigns_mailbox_change", "/test/"),
    Action("tickets:door_scan", "tickets.add_checkin", DOOR, "/entrada/"),
    Action("tickets:door_sync", "tickets.add_checkin", DOOR, "/pendientes/"),
    Action("tickets:door_undo", "tickets.undo_checkin", DOOR, '"can_undo": true'),
    Action("admin:tickets_checkin_undo", "tickets.undo_checkin", "admin:tickets_checkin_change", "/undo/"),
    Action(
        "admin:tickets_dooraccess_link", "tickets.change_dooraccess", "admin:tickets_dooraccess_link", 'name="seen"'
    ),
    Action(
        "admin:tickets_dooraccess_switch",
        "tickets.change_dooraccess",
        "admin:tickets_dooraccess_change",
        "/switch/",
    ),
    Action("admin:tickets_import_add", "tickets.import_contacts", "admin:tickets_import_changelist", "/import/add/"),
    Action("admin:tickets_import_columns", "tickets.import_contacts", LIST, "/columns/"),
    Action("admin:tickets_import_run", "tickets.import_contacts", LIST, "/run/"),
    Action("admin:tickets_import_discard", "tickets.import_contacts", LIST, "/discard/"),
    Action("admin:tickets_import_undo", "tickets.undo_import", LIST, "/undo/", "imported"),
    Action(
        "admin:campaigns_mailbox_test_own", "campaigns.change_mailbox", "admin:campaigns_mailbox_changelist", "/test/"
    ),
)
# What everybody who can open it may also send, and what asks for more than a permission (with a test of its own).
SENT_BY_ALL = {
    "whatsapp:hook",
    "admin:index",
    "admin:app_list",
    "admin:login",
    "admin:logout",
    "admin:password_change",
    "admin:password_change_done",
    "admin:jsi18n",
    "admin:autocomplete",
    "admin:view_on_site",
    "set_language",
    "tickets:public_ticket",
    "tickets:public_qr",
    "tickets:door_key",
    "tickets:door_leave",
    "tickets:preferences",
    "tickets:unsubscribe",
    "tickets:public_picture",
    "tickets:public_pdf",
    "tickets:public_calendar",
    "tickets:public_pin",
    "admin:tickets_event_picture",
    "admin:tickets_import_rejects",
    "admin:campaigns_campaign_installation",
    "admin:auth_user_add",
    "admin:auth_user_password_change",
}


def page(name: str) -> Page | None:
    """None for a page that nobody has decided about."""
    return PAGES.get(name) or usual(name)


def usual(name: str) -> Page | None:
    """The five pages that Django makes for each model."""
    for model, _admin in admin.site._registry.items():
        app, label = model._meta.app_label, str(model._meta.model_name)
        before, _dot, kind = name.rpartition("_")
        if before == f"admin:{app}_{label}":
            return _usual(app, label, kind)
    return None


def _usual(app: str, label: str, kind: str) -> Page | None:
    if (kind == "delete" and label in CLOSED) or (kind == "add" and label in NOT_ADDED):
        return Page(NEVER)
    if kind in ("add", "delete"):
        return Page(f"{app}.{kind}_{label}")
    if kind in ("changelist", "change", "history"):
        return Page(f"{app}.view_{label}|{app}.change_{label}")
    return None


def may(needs: str, permissions: Any) -> bool:
    return all(any(one in permissions for one in part.split("|")) for part in needs.split())
