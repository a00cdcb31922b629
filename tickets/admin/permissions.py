"""Who may do what, where it differs from Django's usual answer."""

from typing import Any

from django.http import HttpRequest


class NoDeleteMixin:
    """Rows that others point to by the thousand: deleting would collect them all. They are switched off instead."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class BigTableMixin(NoDeleteMixin):
    """Lists that stay fast with a million rows."""

    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 200


class ReadOnlyMixin(BigTableMixin):
    """Records of what happened: nobody writes them by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
