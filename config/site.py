"""The admin site: the control room that everything is reachable from."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _


class PregoneroAdminSite(admin.AdminSite):
    site_title = "Pregonero"
    site_header = "Pregonero"
    index_title = _("Home")
    site_url = None
