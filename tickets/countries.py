"""The country of a number that was written without one."""

from typing import Any

import phonenumbers
from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

# Those in which the product is at home; others go by their two letters.
COUNTRY_NAMES: dict[str, Any] = {
    "AR": _("Argentina"),
    "BO": _("Bolivia"),
    "BR": _("Brazil"),
    "CL": _("Chile"),
    "CO": _("Colombia"),
    "CR": _("Costa Rica"),
    "CU": _("Cuba"),
    "DO": _("Dominican Republic"),
    "EC": _("Ecuador"),
    "ES": _("Spain"),
    "GT": _("Guatemala"),
    "HN": _("Honduras"),
    "MX": _("Mexico"),
    "NI": _("Nicaragua"),
    "PA": _("Panama"),
    "PE": _("Peru"),
    "PR": _("Puerto Rico"),
    "PT": _("Portugal"),
    "PY": _("Paraguay"),
    "SV": _("El Salvador"),
    "US": _("United States"),
    "UY": _("Uruguay"),
    "VE": _("Venezuela"),
}


def country_name(code: str) -> str:
    """Such as “Colombia (+57)”; a country that is none of ours by its two letters."""
    return f"{COUNTRY_NAMES.get(code, code)} (+{phonenumbers.country_code_for_region(code)})"


def default_country() -> str:
    """Two-letter code, asked of the installation: `tickets` does not know where it is kept."""
    return import_string(settings.DEFAULT_COUNTRY_FUNCTION)()
