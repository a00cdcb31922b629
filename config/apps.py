from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = _("Installation")


class PregoneroAdminConfig(AdminConfig):
    default_site = "config.site.PregoneroAdminSite"
