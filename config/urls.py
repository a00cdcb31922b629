from django.contrib import admin
from django.http import HttpRequest, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

from config.health import health
from config.languages import choose_language


def favicon(request: HttpRequest) -> HttpResponseRedirect:
    """Browsers ask for it by this name wherever a page cannot say where it is: beside files, for example."""
    return HttpResponseRedirect(static("pregonero/logo.svg"))


urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("favicon.ico", favicon),
    path("health/", health),
    path("admin/", admin.site.urls),
    path("idioma/setlang/", choose_language, name="set_language"),
    path("", include("tickets.urls")),
    path("", include("whatsapp.urls")),
]
