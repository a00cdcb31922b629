"""What stands in a form where nothing can be filled in: Django's own, for whoever looks."""

import re
from typing import Any

from django import template
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.admin.utils import lookup_field
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import FileField, ForeignKey
from django.http import HttpRequest
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

register = template.Library()

_PICTURE = re.compile(r'(<img src="[^"]*/icon-(yes|no|unknown)\.svg") alt="[^"]*">')


@register.simple_tag(takes_context=True)
def readonly(context: template.Context, field: Any) -> Any:
    """As Django shows it, without the links that lead to a page that is closed to this person, or nowhere."""
    try:
        column, _name, value = lookup_field(field.field["field"], field.form.instance, field.model_admin)
    except (AttributeError, ValueError, ObjectDoesNotExist):
        column, value = None, None
    if isinstance(column, FileField) and value:  # nothing serves the files themselves
        return value.name.rpartition("/")[2]
    if isinstance(column, ForeignKey) and value and not _may_look(context["request"], field.model_admin, value):
        return str(value)
    return _named_pictures(field.contents())


def _may_look(request: HttpRequest, model_admin: Any, row: Any) -> bool:
    try:
        return bool(model_admin.admin_site.get_model_admin(type(row)).has_view_permission(request, row))
    except NotRegistered:
        return False


def _named_pictures(contents: Any) -> Any:
    """They are called True, False and None, whatever the language; here they get words."""
    words = {"yes": _("Yes"), "no": _("No"), "unknown": _("Unknown")}
    picture = _PICTURE.fullmatch(str(contents))
    if picture is None:
        return contents
    return mark_safe(f'{picture[1]} alt="{escape(words[picture[2]])}">')  # noqa: S308 - Django made the rest
