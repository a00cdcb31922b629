"""The approved template that a campaign was given: which one, as it was then, and what stands in its places."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from whatsapp.accounts import Account, template_account
from whatsapp.gateways.base import Template
from whatsapp.gateways.cloud_templates import Places, filled, places_of
from whatsapp.models import Sender


@dataclass(frozen=True)
class Choice:
    """`values`: texts with placeholders, by the key of their place. All numbers of the account may send it."""

    account: Account
    template: Template
    values: Mapping[str, str] = field(default_factory=dict)
    file: str = ""  # in the storage: the document of a test, which belongs to no ticket

    def __str__(self) -> str:
        return f"{self.template.name} ({self.template.language}): {self.text}"

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Choice | None":
        """From `Campaign.template`; None where there is none."""
        if not stored:
            return None
        return cls(
            account=Account(*stored["account"]),
            template=Template(
                stored["name"],
                stored["language"],
                stored["category"],
                "",
                tuple(stored["parts"]),
                stored["has_named_parameters"],
            ),
            values=stored["values"],
            file=stored.get("file", ""),
        )

    def stored(self) -> dict[str, Any]:
        template = self.template
        return {
            "account": list(self.account),
            "name": template.name,
            "language": template.language,
            "category": template.category,
            "parts": list(template.parts),
            "has_named_parameters": template.has_named_parameters,
            "values": dict(self.values),
        } | ({"file": self.file} if self.file else {})

    @cached_property
    def places(self) -> Places:
        return places_of(self.template)

    @property
    def key(self) -> str:
        """For forms: the same for the same template of the same account, whoever lists it."""
        return key_of(self.account, self.template.name, self.template.language)

    @property
    def media(self) -> str:
        """What the header is made of, beside text: "image", "document" or nothing."""
        return str(self.places.header_format) if self.places.needs_picture or self.places.needs_document else ""

    @property
    def approved_text(self) -> str:
        """As Meta approved it, with its places."""
        return filled(self.places, {})

    @property
    def text(self) -> str:
        """With what was written into its places, before anybody's data stand there."""
        return filled(self.places, self.values)

    def is_for(self, sender: Sender) -> bool:
        """Whether this number has to send it: its messages are made of templates, and of these."""
        return template_account(sender) == self.account


def account_in(stored: Mapping[str, Any]) -> Account | None:
    """Whose template it is, from `Campaign.template`, for whoever needs no more than that."""
    return Account(*stored["account"]) if stored else None


def key_of(account: Account, name: str, language: str) -> str:
    return ":".join((*account, language, name))
