"""Groups in the admin: the five that always are there, and those that an installation adds."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group, Permission
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from config.admin.wording import PermissionsField, group_label, offered_permissions
from config.roles import role_of

admin.site.unregister(Group)


@admin.register(Group)
class StaffGroupAdmin(GroupAdmin):
    """What a group may do is the installation's to change; the five groups keep their names and stay."""

    list_display = ("label", "purpose", "people")
    search_fields = ()
    ordering = ("pk",)
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        return super().get_queryset(request).annotate(people_count=Count("user"))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Group | None:
        """To read, it bears the name that people know it by."""
        group: Any = super().get_object(request, object_id, from_field)
        if group is not None:
            group.role = role_of(group.name)
            if request.method in ("GET", "HEAD"):
                group.name = group_label(group)
        return group

    def get_fields(self, request: HttpRequest, obj: Group | None = None) -> Any:
        return ("purpose", "permissions") if _is_ours(obj) else ("name", "permissions")

    def get_readonly_fields(self, request: HttpRequest, obj: Group | None = None) -> Any:
        return ("purpose",)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not _is_ours(obj)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest | None = None, **kwargs: Any) -> Any:
        if db_field.name == "permissions":
            kwargs["form_class"] = PermissionsField
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if db_field.name == "permissions" and field is not None and request is not None:
            field.queryset = self._offered(request)
        return field

    def _offered(self, request: HttpRequest) -> QuerySet[Permission]:
        """To everybody but an administrator only what groups are meant to have; and what the group has already."""
        if request.user.is_superuser:
            return Permission.objects.select_related("content_type").order_by("content_type_id", "pk")
        group = request.resolver_match.kwargs.get("object_id", "") if request.resolver_match else ""
        held = Group.permissions.through.objects.filter(group_id=int(group) if group.isdecimal() else 0)
        offered = Q(pk__in=offered_permissions().values("pk")) | Q(pk__in=held.values("permission"))
        return Permission.objects.select_related("content_type").filter(offered).order_by("content_type_id", "pk")

    @admin.display(description=_("group"), ordering="name")
    def label(self, group: Group) -> str:
        return group_label(group)

    @admin.display(description=_("what it is for"))
    def purpose(self, group: Group) -> str:
        role = getattr(group, "role", None) or role_of(group.name)
        return str(role.purpose) if role else "–"

    @admin.display(description=_("people"))
    def people(self, group: Any) -> int:
        return int(group.people_count)


def _is_ours(group: Group | None) -> bool:
    return getattr(group, "role", None) is not None


class GroupFilter(admin.RelatedFieldListFilter):
    """The filter of the list of users, with the groups in the language of whoever looks."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        groups = Group.objects.order_by("pk")
        return [(group.pk, group_label(group)) for group in groups]
