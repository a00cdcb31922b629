"""The part of a form that chooses an approved template and says what stands in its places.

It is there only where a number in use needs templates, or one was chosen already. Without JavaScript another template
shows its places when the page comes back; with it at once.
"""

from collections.abc import Collection, Iterable, Iterator
from itertools import groupby
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from campaigns.models import Campaign
from campaigns.personal import names_for
from campaigns.placeholders import ALIASES
from campaigns.template_checks import in_use, listed_now, offered, why_not_now
from campaigns.template_choice import Choice
from campaigns.template_guesses import guesses
from campaigns.template_texts import link_value
from campaigns.text_messages import check_text
from tickets.codes import ticket_url
from tickets.preferences import INVENTED, preferences_url
from whatsapp.gateways.cloud_templates import Place, Where, cleaned
from whatsapp.models import Sender

HAS_NUMBERS = "needs_templates"  # of a row that was read with it: whether a number in use needs templates
CHOICE = "template_choice"
SHOWN = "template_shown"  # whose places the page showed
TOKEN = "x" * 22
LONGEST = 500  # characters of what stands in one place
MOST_OF_TEXT = 70  # characters of a template's text in the list


def name_of(place: Place) -> str:
    return f"place-{place.key}"


class TemplatePart:
    """What is chosen, and what could be. `typed` is what the page sent back; None: as the campaign stands.

    `has_numbers` is False where it is known already that no number in use needs templates.
    """

    def __init__(self, campaign: Campaign, typed: QueryDict | None = None, *, has_numbers: bool = True) -> None:
        self.has_numbers = has_numbers
        self.campaign, self.typed = campaign, typed if typed is not None and CHOICE in typed else None
        self.before = Choice.of(campaign.template)

    @cached_property
    def senders(self) -> list[Sender]:
        return list(in_use()) if self.has_numbers else []

    @cached_property
    def offered(self) -> dict[str, Choice]:
        return offered(self.campaign, self.senders) if self.senders else {}

    @property
    def is_shown(self) -> bool:
        return bool(self.before or self.senders)

    @property
    def stored(self) -> dict[str, Any]:
        """As the campaign is to hold it: as it is offered now, since another text at Meta is another template."""
        return self.choice.stored() if self.choice else {}

    @cached_property
    def choice(self) -> Choice | None:
        """With the values that were typed; of another template than the page showed, with those that are likely."""
        if self.typed is None:
            return self.before
        key = str(self.typed[CHOICE])
        known = self.offered.get(key) or (self.before if self.before and self.before.key == key else None)
        if known is None:
            return None
        return Choice(known.account, known.template, self._values(known))

    @property
    def is_new(self) -> bool:
        """Its places were not on the page."""
        return self.typed is not None and self.choice is not None and self.typed.get(SHOWN) != self.choice.key

    def _values(self, choice: Choice) -> dict[str, str]:
        assert self.typed is not None
        if self.typed.get(SHOWN) == choice.key:
            return {place.key: self.typed.get(name_of(place), "") for place in choice.places.all}
        likely = guesses(choice.places, names_for(self.campaign), links=our_links())
        before = self.before.values if self.before and self.before.key == choice.key else {}
        return {key: before.get(key) or guess for key, guess in likely.items()}

    @property
    def groups(self) -> list[Any]:
        """The choices of the select, by language."""
        accounts = {choice.account for choice in self.offered.values()}
        by_language = groupby(self.offered.values(), lambda choice: choice.template.language)
        found: list[Any] = [("", _("none: only other numbers send it"))]
        for language, choices in by_language:
            found.append((language, [(one.key, self._label(one, several=len(accounts) > 1)) for one in choices]))
        if self.before and self.before.key not in self.offered:
            found.append((_("not to be had now"), [(self.before.key, self._label(self.before, several=False))]))
        return found

    def _label(self, choice: Choice, *, several: bool) -> str:
        text = cleaned(choice.places.body_text)
        text = text if len(text) <= MOST_OF_TEXT else f"{text[: MOST_OF_TEXT - 1]}…"
        names = [sender.name for sender in self.senders if choice.is_for(sender)] if several else []
        return " · ".join([choice.template.name, *names, text])

    @cached_property
    def problem(self) -> str:
        """Why what is chosen could not leave now."""
        return why_not_now(self.choice, listed_now(self.choice)) if self.choice else ""

    def fields(self) -> Iterator[tuple[str, forms.Field]]:
        """Those of a form, by their names."""
        yield (
            CHOICE,
            forms.ChoiceField(label=_("template of Meta"), required=False, choices=self.groups),
        )
        yield SHOWN, forms.CharField(required=False, widget=forms.HiddenInput)
        for place in self.choice.places.all if self.choice else ():
            yield name_of(place), _field(place)

    def initial(self) -> dict[str, str]:
        """What the fields say."""
        if self.choice is None:
            return {CHOICE: "", SHOWN: ""}
        values = {name_of(place): self.choice.values.get(place.key, "") for place in self.choice.places.all}
        return {CHOICE: self.choice.key, SHOWN: self.choice.key} | values


def _field(place: Place) -> forms.Field:
    example = _("For example: %(example)s") % {"example": place.example} if place.example else ""
    widget = forms.TextInput(attrs={"data-place": "", "autocomplete": "off"})
    return forms.CharField(label=label_of(place), required=False, max_length=LONGEST, help_text=example, widget=widget)


def label_of(place: Place) -> str:
    marks = {"place": f"{{{{{place.name}}}}}", "button": place.label}
    if place.where is Where.BUTTON:
        return _("%(place)s of the button “%(button)s”") % marks
    return _("%(place)s in the header") % marks if place.where is Where.HEADER else marks["place"]


def our_links() -> dict[str, str]:
    """How the addresses begin that our names stand for, up to what differs from one person to the next."""
    tickets, preferences = ticket_url(settings.PUBLIC_URL, TOKEN), preferences_url(None)
    return {"enlace": tickets.partition(TOKEN)[0], "preferencias": preferences.partition(INVENTED)[0]}


def _samples() -> dict[str, str]:
    return {word: begins for name, begins in our_links().items() for word in (name, *ALIASES[name])}


class PlacesForm(forms.Form):
    """Only shown: the fields of a template that was just chosen."""

    def __init__(self, part: TemplatePart) -> None:
        super().__init__(initial=part.initial())
        self.fields.update(part.fields())
        self.template = part

    @property
    def places(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("place-")]


class TemplateFormPart(forms.ModelForm):
    """What the form of a draft has of it."""

    template: TemplatePart

    def prepare_template(self, campaign: Campaign) -> None:
        """`campaign`: of which kind it is, and of which event; with the template that it has now."""
        typed = self.data if self.is_bound and isinstance(self.data, QueryDict) else None
        has_numbers = getattr(self.instance, HAS_NUMBERS, True)
        self.template = TemplatePart(campaign, typed, has_numbers=has_numbers)
        if not self.template.is_shown:
            return
        self.fields.update(self.template.fields())
        self.initial.update(TemplatePart(campaign).initial())
        if typed is not None and self.template.is_new:
            filled_in = typed.copy()
            for name, value in self.template.initial().items():
                filled_in[name] = value
            self.data = filled_in

    @property
    def places(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("place-")]

    def check_template(self, known: Collection[str]) -> None:
        choice = self.template.choice
        for place in choice.places.all if choice else ():
            if name_of(place) in self.cleaned_data:
                self._check_place(place, self.cleaned_data[name_of(place)], known)

    def _check_place(self, place: Place, text: str, known: Collection[str]) -> None:
        try:
            check_place(place, text, known)
        except ValidationError as error:
            self.add_error(name_of(place), error)

    def changed_of_template(self, names: Iterable[str]) -> list[str]:
        """The history names the template, and not each of its places."""
        plain = (CHOICE if name.startswith("place-") else name for name in names)
        return [name for name in dict.fromkeys(plain) if name != SHOWN]

    def put_template(self) -> None:
        if self.template.typed is not None:
            self.instance.template = self.template.stored


def check_place(place: Place, text: str, known: Collection[str]) -> None:
    if not cleaned(text):
        raise ValidationError(_("Write what stands here: Meta takes no empty place."), code="required")
    parsed = check_text(text, known)
    if place.where is not Where.BUTTON:
        return
    value = cleaned(parsed.render(_samples()).text)
    begins = place.context.partition("{{")[0]
    if link_value(value, begins).startswith(("http:", "https:")):
        sentence = _(
            "The button leads to %(begins)s…, and this address begins otherwise. Write what follows there, or have a "
            "button approved that begins with %(ours)s."
        )
        raise ValidationError(sentence % {"begins": begins, "ours": settings.PUBLIC_URL}, code="foreign_link")
