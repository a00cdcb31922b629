"""Which language somebody reads: what they chose for themselves, on every device; else Spanish."""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission, User
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.views.i18n import LANGUAGE_QUERY_PARAMETER, set_language

from config.models import Preference

KNOWN = frozenset(code for code, _name in settings.LANGUAGES)


class StaffBackend(ModelBackend):
    """Django's own with fewer questions: what somebody chose comes along with the person, and their permissions and
    those of their groups together."""

    def get_user(self, user_id: Any) -> Any:
        user = User.objects.select_related("preference").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if not user_obj.is_active or user_obj.is_anonymous or user_obj.is_superuser or obj is not None:
            return set(super().get_all_permissions(user_obj, obj))
        if not hasattr(user_obj, "_perm_cache"):
            held = Permission.objects.filter(Q(user=user_obj) | Q(group__user=user_obj)).order_by()
            names = held.values_list("content_type__app_label", "codename").distinct()
            user_obj._perm_cache = {f"{app}.{code}" for app, code in names}
        return user_obj._perm_cache


def language_of(request: HttpRequest) -> str:
    """A cookie is for whoever has not signed in, or has not chosen since: it belongs to a computer, not to a person."""
    preference = getattr(request.user, "preference", None)
    chosen = preference.language if preference else request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return chosen if chosen in KNOWN else settings.LANGUAGE_CODE


def choose_language(request: HttpRequest) -> HttpResponse:
    """Of the login page it is a matter of this computer, afterwards one of the person."""
    response: HttpResponse = set_language(request)
    chosen = request.POST.get(LANGUAGE_QUERY_PARAMETER, "")
    if request.user.is_authenticated and chosen in KNOWN:
        Preference.objects.update_or_create(user=request.user, defaults={"language": chosen})
        response.cookies.pop(settings.LANGUAGE_COOKIE_NAME, None)
    return response
