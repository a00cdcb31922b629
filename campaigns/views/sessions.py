"""Pages that were left open overnight: their next question to the server comes without a session."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

View = Callable[..., Any]


def part_of_page(site: AdminSite, view: View) -> View:
    """For what htmx asks by itself: the whole page goes to the login, instead of showing it inside a card."""
    guarded = site.admin_view(view)

    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.headers.get("HX-Request") and not site.has_permission(request):
            return HttpResponse(
                headers={"HX-Redirect": f"{reverse('admin:login')}?{urlencode({'next': _page(request)})}"}
            )
        return guarded(request, *args, **kwargs)

    return asked


def _page(request: HttpRequest) -> str:
    """Where the person is, without the host: the login accepts nothing else."""
    here = urlsplit(request.headers.get("HX-Current-URL", ""))
    if not here.path.startswith(reverse("admin:index")):
        return reverse("admin:index")
    return here.path + (f"?{here.query}" if here.query else "")
