"""The form of the words that people write to us, and of what we answer."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.forms_birthday import known_in_greetings
from campaigns.models import ReplySettings
from campaigns.models.reply import LANGUAGES
from campaigns.replies.words import LONGEST_WORD, MOST_WORDS, in_both, too_long, unreadable, words_in
from campaigns.text_messages import check_text

STOP = tuple(f"stop_words_{language}" for language in LANGUAGES)
RESUME = tuple(f"resume_words_{language}" for language in LANGUAGES)
ANSWERS = tuple(f"{what}_answer_{language}" for language in LANGUAGES for what in ("stop", "resume"))


class ReplySettingsForm(forms.ModelForm):
    class Meta:
        model = ReplySettings
        fields = (*STOP, *RESUME, *ANSWERS, "forward_to", "keep_days")
        widgets = dict.fromkeys([*STOP, *RESUME], forms.Textarea(attrs={"rows": 8})) | dict.fromkeys(
            ANSWERS, forms.Textarea(attrs={"rows": 3})
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.fields:  # what was never saved is no value of somebody
            self.fields[name].show_hidden_initial = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in (*STOP, *RESUME):
            if cleaned.get(name):
                self._add_errors(name, _problems_of(cleaned[name]))
        self._check_both(cleaned)
        known = known_in_greetings()
        for name in ANSWERS:
            try:
                check_text(cleaned.get(name, ""), known)
            except ValidationError as error:
                self.add_error(name, error)
        return cleaned

    def _add_errors(self, name: str, sentences: Iterable[str]) -> None:
        for sentence in sentences:
            self.add_error(name, ValidationError(sentence, code="words"))

    def _check_both(self, cleaned: dict[str, Any]) -> None:
        """Over all languages: a word of any of them counts, whoever writes it."""
        stop = [cleaned[name] for name in STOP if cleaned.get(name)]
        for name in RESUME:
            twice = list(in_both(stop, [cleaned[name]])) if cleaned.get(name) else []
            if twice:
                sentence = ngettext(
                    "%(words)s is also a word to stop, of this or another language. It can only mean one of the two.",
                    "%(words)s are also words to stop, of this or another language. They can only mean one of the two.",
                    len(twice),
                )
                self._add_errors(name, [sentence % {"words": _quoted(twice)}])


def _problems_of(typed: str) -> Iterable[str]:
    words = words_in(typed)
    if not words:
        yield _("Write at least one word: people must be able to say it.")
    if empty := unreadable(typed):
        yield _("%(words)s has neither letters nor digits.") % {"words": _quoted(empty)}
    if long := too_long(typed):
        sentence = _("%(words)s is longer than %(most)d characters. Only whole messages count, and nobody writes that.")
        yield sentence % {"words": _quoted(long), "most": LONGEST_WORD}
    if len(words) > MOST_WORDS:
        yield _("These are %(n)d words, and %(most)d fit.") % {"n": len(words), "most": MOST_WORDS}


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f"“{word}”" for word in words)
