from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from config.languages import choose_language

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("idioma/setlang/", choose_language, name="set_language"),
    path("", include("tickets.urls")),
]
