"""Sets of numbers to begin from. They fill in the form of the settings; only its save button saves them."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from whatsapp.models import SendingSettings


@dataclass(frozen=True)
class Preset:
    """`values` are as somebody would type them."""

    key: str
    label: str | Promise
    text: str | Promise
    values: dict[str, str]

    def is_in(self, settings: SendingSettings) -> bool:
        """Whether these are the numbers that are there already."""
        return all(float(getattr(settings, name)) == float(value) for name, value in self.values.items())


def _values(base: str, step: str, every: str, most: str, jitter: str, size: str, pause: str) -> dict[str, str]:
    return {
        "base_delay": base,
        "step": step,
        "every": every,
        "maximum_delay": most,
        "jitter_percent": jitter,
        "batch_size": size,
        "batch_pause_minutes": pause,
    }


PRESETS = (
    Preset(
        "default",
        _("Usual"),
        _("For people who know your number. 2 s, growing by 0.5 s every 10 messages, up to 5 s."),
        _values("2", "0.5", "10", "5", "0", "0", "10"),
    ),
    Preset(
        "careful",
        _("Careful"),
        _("For people who have never heard from your number. 6 to 15 s with chance, in batches of 25."),
        _values("6", "1", "10", "15", "40", "25", "15"),
    ),
    Preset(
        "fast",
        _("Fast"),
        _("Only for numbers of WhatsApp's official interface (Cloud API). Any other number would be blocked."),
        _values("0.2", "0", "10", "0.2", "0", "0", "10"),
    ),
)


def values_of(key: str) -> dict[str, str]:
    """Empty for a preset that does not exist."""
    return next((preset.values for preset in PRESETS if preset.key == key), {})


def presets_for(settings: SendingSettings) -> list[dict[str, Any]]:
    """For the page: each with whether it is what is saved."""
    return [
        {"preset": preset, "id": f"n-values-{preset.key}", "is_saved": preset.is_in(settings)} for preset in PRESETS
    ]
