"""What is said of a template to staff: its state, its kind, and why it cannot be used."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from whatsapp.gateways.base import Template
from whatsapp.gateways.cloud_templates import is_approved, places_of
from whatsapp.models import MessageTemplate, Sender
from whatsapp.templates import template_of

SHOWN = 100  # Meta lets an account have 6,000

STATUSES: dict[str, str | Promise] = {
    "APPROVED": gettext_lazy("approved"),
    "PENDING": gettext_lazy("being looked at by Meta"),
    "IN_APPEAL": gettext_lazy("being looked at by Meta again"),
    "REJECTED": gettext_lazy("rejected by Meta"),
    "PAUSED": gettext_lazy("paused by Meta"),
    "DISABLED": gettext_lazy("switched off by Meta"),
    "ARCHIVED": gettext_lazy("archived"),
    "DELETED": gettext_lazy("deleted"),
    "PENDING_DELETION": gettext_lazy("being deleted"),
    "LIMIT_EXCEEDED": gettext_lazy("beyond the number that Meta allows"),
}
TONES = {
    "APPROVED": "ok",
    "PENDING": "info",
    "IN_APPEAL": "info",
    "REJECTED": "bad",
    "PAUSED": "warn",
    "DISABLED": "bad",
}
CATEGORIES: dict[str, str | Promise] = {
    "MARKETING": gettext_lazy("advertising"),
    "UTILITY": gettext_lazy("service"),
    "AUTHENTICATION": gettext_lazy("codes to sign in with"),
}


@dataclass(frozen=True)
class Listed:
    """One template as the page of a number shows it."""

    name: str
    language: str
    category: str
    status: str
    tone: str
    text: str
    why_not: str  # it cannot be used; empty: it can


@dataclass(frozen=True)
class TemplateList:
    templates: list[Listed]
    total: int
    read_at: datetime | None  # None: never, or there were none

    @property
    def more(self) -> int:
        return self.total - len(self.templates)


def status_words(status: str) -> str:
    """A word that is not known is shown as Meta writes it."""
    return str(STATUSES.get(status.upper(), status))


def why_not(template: Template) -> str:
    """Why it cannot be sent from here, in a sentence; empty when it can."""
    if problem := places_of(template).problem:
        return _(problem)
    if not is_approved(template.status):
        return _("Only approved templates can be sent. This one: %(status)s.") % {
            "status": status_words(template.status)
        }
    return ""


def templates_of(sender: Sender) -> TemplateList:
    """Those that can be used first."""
    rows = list(MessageTemplate.objects.filter(sender=sender).order_by("name", "language"))
    listed = [_listed(template_of(row)) for row in rows]
    listed.sort(key=lambda one: bool(one.why_not))
    return TemplateList(listed[:SHOWN], len(rows), max((row.fetched_at for row in rows), default=None))


def _listed(template: Template) -> Listed:
    return Listed(
        name=template.name,
        language=template.language,
        category=str(CATEGORIES.get(template.category.upper(), template.category)),
        status=status_words(template.status),
        tone=TONES.get(template.status.upper(), "neutral"),
        text=places_of(template).body_text,
        why_not=why_not(template),
    )
