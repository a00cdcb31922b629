"""Which numbers belong together at their provider: those of an account share templates, of a portfolio its limit."""

from typing import NamedTuple

from django.db import transaction

from whatsapp.models import Sender
from whatsapp.registry import class_of, gateways


class Account(NamedTuple):
    gateway: str
    name: str


def account_of(sender: Sender) -> Account:
    """A number of which no account is known is one by itself."""
    return Account(sender.gateway, str(sender.options.get("account") or "") or f"#{sender.pk}")


def template_account(sender: Sender) -> Account | None:
    """Whose templates its messages have to be made of. None: the number sends any text."""
    gateway = class_of(sender)
    return account_of(sender) if gateway and gateway.capabilities.needs_templates else None


def senders_of(account: Account) -> list[Sender]:
    """In use or not."""
    return [sender for sender in Sender.objects.filter(gateway=account.gateway) if account_of(sender) == account]


def limit_of(sender: Sender) -> Account:
    """Whose limit of people it uses up: of its business portfolio where that is known, which may hold many accounts."""
    portfolio = str(sender.options.get("portfolio") or "")
    return Account(sender.gateway, f"portfolio {portfolio}") if portfolio else account_of(sender)


def limited_together(limit: Account) -> list[Sender]:
    """In use or not."""
    return [sender for sender in Sender.objects.filter(gateway=limit.gateway) if limit_of(sender) == limit]


def share_portfolio(sender: Sender, *, is_typed: bool) -> None:
    """All numbers of an account are of one portfolio: what was typed for one holds for the others. A number for which
    nothing was typed takes over theirs: two that each counted alone would reach twice as many people as they may."""
    with transaction.atomic():
        locked = Sender.objects.select_for_update().filter(gateway=sender.gateway).order_by("pk")
        siblings = [one for one in locked if account_of(one) == account_of(sender)]
        known = next((name for one in siblings if (name := one.options.get("portfolio"))), "")
        portfolio = str(sender.options.get("portfolio") or "") if is_typed else known
        for one in siblings:
            if (one.options.get("portfolio") or "") != portfolio:
                Sender.objects.filter(pk=one.pk).update(options=one.options | {"portfolio": portfolio})


def gateways_with_templates() -> list[str]:
    return sorted(name for name, gateway in gateways().items() if gateway.capabilities.needs_templates)
