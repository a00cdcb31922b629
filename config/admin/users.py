"""Users in the admin: what somebody without all rights may not give away."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Permission, User
from django.http import HttpRequest
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from config.admin.groups import GroupFilter
from config.admin.wording import GroupsField, PermissionsField, group_label
from tickets.admin.showing import badge
from tickets.date_formats import formatted

admin.site.unregister(User)


@admin.register(User)
class StaffAdmin(UserAdmin):
    """Whoever may manage users must not be able to make themselves, or take over, an administrator."""

    list_display = ("username", "full_name", "email", "group_names", "use", "last_seen")
    list_filter = ("is_active", "is_superuser", ("groups", GroupFilter))
    filter_horizontal = ("user_permissions",)
    list_per_page = 50
    actions = None  # whoever leaves is switched off; deleting is done one by one, after seeing what would go too
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("The person"), {"fields": (("first_name", "last_name"), "email")}),
        (
            _("What this person may do"),
            {"fields": ("is_active", "is_staff", "groups", "is_superuser", "user_permissions")},
        ),
        (_("Dates"), {"fields": (("last_login", "date_joined"),)}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        own = ("last_login", "date_joined")
        return own if request.user.is_superuser else (*own, "is_superuser", "user_permissions")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Groups have a list of their own; here nobody makes one in passing."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "groups" and field is not None:
            field.widget.can_add_related = False
        return field

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            kwargs |= {"form_class": GroupsField, "widget": forms.CheckboxSelectMultiple}
        elif db_field.name == "user_permissions":
            kwargs["form_class"] = PermissionsField
            kwargs["queryset"] = Permission.objects.select_related("content_type").order_by("content_type_id", "pk")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)

    @admin.display(description=_("name"), ordering="last_name")
    def full_name(self, user: User) -> str:
        return user.get_full_name()

    @admin.display(description=_("use"), ordering="is_active")
    def use(self, user: User) -> str:
        return badge(_("Can sign in"), "ok") if user.is_active else badge(_("Switched off"), "neutral")

    @admin.display(description=_("last seen"), ordering="last_login")
    def last_seen(self, user: User) -> str:
        return formatted(localtime(user.last_login), "j M Y, H:i") if user.last_login else ""

    @admin.display(description=_("groups"))
    def group_names(self, user: User) -> str:
        return ", ".join(group_label(group) for group in user.groups.all())


def _may_touch(request: HttpRequest, user: User | None) -> bool:
    return user is None or not user.is_superuser or bool(request.user.is_superuser)
