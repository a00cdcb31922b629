"""The five groups of staff, and the one table of what each may do. docs/operations.md explains it to people.

A group gets a permission in the moment in which the permission comes into the world, and never again: what somebody
took from a group or gave to it stays so. Permissions in the table that do not exist (yet) are passed over.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig
from django.apps import apps as all_apps
from django.contrib.auth.management import create_permissions
from django.db import DEFAULT_DB_ALIAS, router, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

OWNER, ORGANISER, WRITER, DOOR, VIEWER = "Owner", "Organiser", "Writer", "Door", "Viewer"


@dataclass(frozen=True)
class Role:
    """`name` is the group's in the database; people see `label`, in their language."""

    name: str
    label: str | Promise
    purpose: str | Promise


ROLES = (
    Role(OWNER, pgettext_lazy("role", "Owner"), _("Everything, also users, numbers, settings and mailboxes.")),
    Role(
        ORGANISER,
        pgettext_lazy("role", "Organiser"),
        _("Runs events: people, tickets, campaigns from the text to the last resend, restarting a number."),
    ),
    Role(WRITER, pgettext_lazy("role", "Writer"), _("Writes campaigns and tries them out, but cannot launch them.")),
    Role(DOOR, pgettext_lazy("role", "Door"), _("Lets people in: sees events and tickets, and records who came.")),
    Role(
        VIEWER, pgettext_lazy("role", "Viewer"), _("Looks at everything about events and campaigns, changes nothing.")
    ),
)

_ALL = (OWNER, ORGANISER, WRITER, DOOR, VIEWER)
_OFFICE = (OWNER, ORGANISER, WRITER, VIEWER)
_AUTHORS = (OWNER, ORGANISER, WRITER)
_MANAGERS = (OWNER, ORGANISER)
_LOOKING = (OWNER, ORGANISER, VIEWER)
_GATE = (OWNER, ORGANISER, DOOR)
_OWNER = (OWNER,)
_NOBODY: tuple[str, ...] = ()  # what no page offers, or what only a superuser should do

TABLE: dict[str, tuple[str, ...]] = {
    # Events, tickets, people
    "tickets.view_event": _ALL,
    "tickets.add_event": _MANAGERS,
    "tickets.change_event": _MANAGERS,
    "tickets.delete_event": _NOBODY,
    "tickets.view_ticket": (OWNER, ORGANISER, DOOR, VIEWER),
    "tickets.add_ticket": _MANAGERS,
    "tickets.change_ticket": _MANAGERS,
    "tickets.delete_ticket": _NOBODY,
    "tickets.void_ticket": _MANAGERS,
    "tickets.block_ticket": _MANAGERS,
    "tickets.replace_ticket": _MANAGERS,
    "tickets.transfer_ticket": _MANAGERS,
    "tickets.view_tickettype": _NOBODY,  # types are edited with their event
    "tickets.add_tickettype": _MANAGERS,
    "tickets.change_tickettype": _MANAGERS,
    "tickets.delete_tickettype": _MANAGERS,
    "tickets.view_dooraccess": _MANAGERS,
    "tickets.add_dooraccess": _MANAGERS,
    "tickets.change_dooraccess": _MANAGERS,
    "tickets.delete_dooraccess": _NOBODY,  # switched off instead
    "tickets.view_checkin": (OWNER, ORGANISER, DOOR, VIEWER),
    "tickets.add_checkin": _GATE,
    "tickets.change_checkin": _NOBODY,
    "tickets.delete_checkin": _NOBODY,
    "tickets.undo_checkin": _MANAGERS,
    "tickets.view_contact": _OFFICE,
    "tickets.add_contact": _MANAGERS,
    "tickets.change_contact": _MANAGERS,
    "tickets.delete_contact": _NOBODY,
    "tickets.merge_contact": _MANAGERS,
    "tickets.opt_out_contact": _MANAGERS,
    "tickets.export_contact": _MANAGERS,
    "tickets.view_segment": _OFFICE,
    "tickets.add_segment": _MANAGERS,
    "tickets.change_segment": _MANAGERS,
    "tickets.delete_segment": _MANAGERS,
    "tickets.view_import": _MANAGERS,
    "tickets.import_contacts": _MANAGERS,
    "tickets.undo_import": _MANAGERS,
    "tickets.view_tag": _OFFICE,
    "tickets.add_tag": _MANAGERS,
    "tickets.change_tag": _MANAGERS,
    "tickets.delete_tag": _OWNER,
    "tickets.view_historyentry": _LOOKING,
    # Campaigns
    "campaigns.view_campaign": _OFFICE,
    "campaigns.add_campaign": _AUTHORS,
    "campaigns.change_campaign": _AUTHORS,
    "campaigns.delete_campaign": _NOBODY,
    "campaigns.send_trial": _AUTHORS,
    "campaigns.launch_campaign": _MANAGERS,
    "campaigns.pause_campaign": _MANAGERS,
    "campaigns.cancel_campaign": _MANAGERS,
    "campaigns.resend_failed": _MANAGERS,
    "campaigns.resend_uncertain": _MANAGERS,
    "campaigns.view_delivery": _OFFICE,
    "campaigns.export_delivery": _MANAGERS,
    "campaigns.add_delivery": _NOBODY,
    "campaigns.change_delivery": _NOBODY,
    "campaigns.delete_delivery": _NOBODY,
    "campaigns.view_deliveryattempt": _LOOKING,
    "campaigns.add_deliveryattempt": _NOBODY,
    "campaigns.change_deliveryattempt": _NOBODY,
    "campaigns.delete_deliveryattempt": _NOBODY,
    "campaigns.view_lane": _MANAGERS,
    "campaigns.add_lane": _NOBODY,
    "campaigns.change_lane": _NOBODY,
    "campaigns.delete_lane": _NOBODY,
    "campaigns.view_dispatcher": _OWNER,
    "campaigns.add_dispatcher": _NOBODY,
    "campaigns.change_dispatcher": _NOBODY,
    "campaigns.delete_dispatcher": _NOBODY,
    "campaigns.view_installation": _NOBODY,
    "campaigns.add_installation": _NOBODY,
    "campaigns.change_installation": _NOBODY,
    "campaigns.delete_installation": _NOBODY,
    "campaigns.view_mailbox": _OWNER,
    "campaigns.add_mailbox": _OWNER,
    "campaigns.change_mailbox": _OWNER,
    "campaigns.delete_mailbox": _NOBODY,
    "campaigns.view_eventmailbox": _NOBODY,
    "campaigns.add_eventmailbox": _NOBODY,
    "campaigns.change_eventmailbox": _NOBODY,
    "campaigns.delete_eventmailbox": _NOBODY,
    "campaigns.view_birthdaygreeting": _LOOKING,
    "campaigns.add_birthdaygreeting": _NOBODY,  # there is one
    "campaigns.change_birthdaygreeting": _MANAGERS,
    "campaigns.delete_birthdaygreeting": _NOBODY,
    "campaigns.view_reply": _OFFICE,
    "campaigns.add_reply": _NOBODY,
    "campaigns.change_reply": _NOBODY,
    "campaigns.delete_reply": _NOBODY,
    "campaigns.settle_reply": _MANAGERS,
    "campaigns.view_replysettings": _LOOKING,
    "campaigns.add_replysettings": _NOBODY,  # there is one
    "campaigns.change_replysettings": _MANAGERS,
    "campaigns.delete_replysettings": _NOBODY,
    # WhatsApp numbers and the pace
    "whatsapp.view_sender": _LOOKING,
    "whatsapp.add_sender": _OWNER,
    "whatsapp.change_sender": _OWNER,
    "whatsapp.delete_sender": _NOBODY,
    "whatsapp.restart_sender": _MANAGERS,
    "whatsapp.switch_sender": _MANAGERS,
    "whatsapp.pace_sender": _OWNER,
    "whatsapp.view_restart": _NOBODY,
    "whatsapp.add_restart": _NOBODY,
    "whatsapp.change_restart": _NOBODY,
    "whatsapp.delete_restart": _NOBODY,
    "whatsapp.view_webhookpost": _OWNER,  # phones and texts stand in it as they came
    "whatsapp.add_webhookpost": _NOBODY,
    "whatsapp.change_webhookpost": _NOBODY,
    "whatsapp.delete_webhookpost": _NOBODY,
    "whatsapp.view_sendingsettings": _LOOKING,
    "whatsapp.add_sendingsettings": _NOBODY,
    "whatsapp.change_sendingsettings": _OWNER,
    "whatsapp.delete_sendingsettings": _NOBODY,
    # The installation
    "auth.view_user": _OWNER,
    "auth.add_user": _OWNER,
    "auth.change_user": _OWNER,
    "auth.delete_user": _NOBODY,  # switched off instead: the history of what somebody did would go with them
    "auth.view_group": _OWNER,
    "auth.add_group": _OWNER,
    "auth.change_group": _OWNER,
    "auth.delete_group": _OWNER,
    "django_q.view_success": _OWNER,
    "django_q.view_failure": _OWNER,
    "django_q.view_schedule": _OWNER,
    "django_q.view_ormq": _OWNER,
}


def role_of(group_name: str) -> Role | None:
    """None for a group that the installation made itself."""
    return next((role for role in ROLES if role.name == group_name), None)


def hand_out(sender: AppConfig, *, using: str = DEFAULT_DB_ALIAS, apps: Any = all_apps, **_signal: Any) -> None:
    """After each migration of an app: make its permissions, the groups that are missing, and give the new ones away.

    All in one transaction, so that no permission can be there without having been handed out.
    """
    try:
        groups, known = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    except LookupError:
        return
    if not router.allow_migrate_model(using, known):
        return
    with transaction.atomic(using=using):
        of_app = known.objects.using(using).filter(content_type__app_label=sender.label)
        before = set(of_app.values_list("pk", flat=True))
        create_permissions(sender, verbosity=0, using=using, apps=apps)
        there = set(groups.objects.using(using).filter(name__in=_ALL).values_list("name", flat=True))
        missing = [name for name in _ALL if name not in there]
        groups.objects.using(using).bulk_create([groups(name=name) for name in missing])
        _give(groups, of_app.exclude(pk__in=before), there, using)
        _give(groups, known.objects.using(using), missing, using)


def _give(groups: Any, permissions: Any, names: Collection[str], using: str) -> None:
    """Whatever of these permissions the table gives to the groups of these names."""
    if not names:
        return
    rows = permissions.order_by("pk").values_list("pk", "content_type__app_label", "codename")
    found = [(pk, TABLE.get(f"{app}.{codename}", _NOBODY)) for pk, app, codename in rows]
    if not any(roles for _pk, roles in found):
        return
    held = groups.permissions.through
    ids = dict(groups.objects.using(using).filter(name__in=names).values_list("name", "pk"))
    given = [held(group_id=ids[name], permission_id=pk) for pk, roles in found for name in roles if name in ids]
    held.objects.using(using).bulk_create(given, ignore_conflicts=True)
