"""Groups and permissions in the language of whoever looks: the database holds English names."""

from typing import Any

from django import forms
from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from config.roles import TABLE, role_of

ACTIONS = {
    "view": pgettext_lazy("permission", "look"),
    "add": pgettext_lazy("permission", "add"),
    "change": pgettext_lazy("permission", "change"),
    "delete": pgettext_lazy("permission", "delete"),
}


def group_label(group: Group) -> str:
    role = role_of(group.name)
    return str(role.label) if role else group.name


def permission_label(permission: Permission) -> str:
    """“Contacts: change”; what is no permission of Django's says itself what it is for."""
    model = permission.content_type.model_class()
    things = capfirst(str(model._meta.verbose_name_plural)) if model else permission.content_type.model
    action = permission.codename.partition("_")[0]
    is_usual = permission.codename == f"{action}_{permission.content_type.model}" and action in ACTIONS
    return f"{things}: {ACTIONS[action] if is_usual else _(permission.name)}"


class GroupsField(forms.ModelMultipleChoiceField):
    """Each group with what it is for."""

    def label_from_instance(self, obj: Any) -> str | SafeString:
        role = role_of(obj.name)
        return format_html("<strong>{}</strong> {}", role.label, role.purpose) if role else obj.name


class PermissionsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return permission_label(obj)


def offered_permissions() -> QuerySet[Permission]:
    """What the table gives to some group: with the rest of them one could do more than any group may."""
    offered = Q(pk__in=())
    for permission in (name for name, roles in TABLE.items() if roles):
        app, _dot, code = permission.partition(".")
        offered |= Q(content_type__app_label=app, codename=code)
    return Permission.objects.filter(offered)
