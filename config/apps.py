from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = _("Installation")

    def ready(self) -> None:
        from config.roles import hand_out  # noqa: PLC0415 - it needs the apps

        # First in INSTALLED_APPS, so that this comes before Django's own: it must see which permissions are new.
        post_migrate.connect(hand_out, dispatch_uid="config.roles.hand_out")


class PregoneroAdminConfig(AdminConfig):
    default_site = "config.site.PregoneroAdminSite"
