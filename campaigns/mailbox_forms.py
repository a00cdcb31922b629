"""The form of a mailbox, and the choice of one in the form of an event."""

from email.utils import parseaddr
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.mail.message import sanitize_address
from django.core.validators import validate_email
from django.db.models import Q
from django.utils.html import escape, format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.mail_urls import BadMailUrl, read_mail_url
from campaigns.mailboxes import is_unreadable, sender_of, unreadable_words
from campaigns.models import EventMailbox, Mailbox
from tickets.forms import EventForm
from tickets.models import Event


class WriteOnlyInput(forms.TextInput):
    """What is typed goes in and never comes back, not even when the form is shown again with errors."""

    def format_value(self, value: Any) -> None:
        return None


class MailboxForm(forms.ModelForm):
    """The page carries what it showed, so that only what somebody typed counts as changed, however long it was open."""

    new_url = forms.CharField(
        label=gettext_lazy("mail server"),
        required=False,
        widget=WriteOnlyInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
    )
    use_own = forms.BooleanField(
        label=gettext_lazy("forget it and use the mail server of this installation"), required=False
    )

    class Meta:
        model = Mailbox
        exclude = ("url",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name in self.fields.keys() - {"new_url", "use_own"}:
                self.fields[name].show_hidden_initial = True
        has_own = not self.instance.url and not is_unreadable(self.instance)
        if has_own:
            self.fields.pop("use_own", None)
        # Help is written into the page as it stands: an address between < and > would be taken for a tag.
        if "from_address" in self.fields:
            self.fields["from_address"].help_text = escape(self.fields["from_address"].help_text)
        if "new_url" in self.fields:
            hint = _("Empty: the mail server of this installation.") if has_own else _("Empty: it stays as it is.")
            self.fields["new_url"].help_text = format_html(
                "{} {} {} <code>smtp+tls://user:password@mail.example.org:587</code>",
                _("Now: %(server)s.") % {"server": server_words(self.instance)},
                hint,
                _("Example:"),
            )

    def clean_from_address(self) -> str:
        typed = self.cleaned_data["from_address"].strip()
        try:
            sanitize_address(typed, "utf-8")
            validate_email(parseaddr(typed)[1])
        except (ValueError, ValidationError) as error:
            sentence = _("Write one address, alone or like Festival de cine <entradas@example.org>.")
            raise ValidationError(sentence, code="invalid") from error
        return typed

    def clean_new_url(self) -> str:
        typed = self.cleaned_data["new_url"].strip()
        if typed:
            try:
                read_mail_url(typed)
            except BadMailUrl as error:
                raise ValidationError(str(error), code="invalid") from error
        return typed

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("new_url") and cleaned.get("use_own"):
            sentence = _("Either type a server, or use the one of this installation.")
            self.add_error("use_own", ValidationError(sentence, code="both"))
        return cleaned

    @property
    def changes(self) -> list[str]:
        """The columns to write. A stored server only when another one was typed: one that cannot be read must not
        become none."""
        own = {field.name for field in Mailbox._meta.concrete_fields} & self.cleaned_data.keys()
        names = [n for n in self.changed_data if n in own and self.cleaned_data[n] != self.initial.get(n)]
        return [*names, "url"] if self.changes_server else names

    @property
    def changes_server(self) -> bool:
        return bool(self.cleaned_data.get("new_url") or self.cleaned_data.get("use_own"))

    def save(self, commit: bool = True) -> Any:
        if self.changes_server:
            self.instance.url = self.cleaned_data.get("new_url", "")
        return super().save(commit)


def server_words(mailbox: Mailbox) -> str:
    """Which server is stored, without its password."""
    if not mailbox.url:
        return unreadable_words() if is_unreadable(mailbox) else _("that of this installation")
    try:
        return str(read_mail_url(mailbox.url))
    except BadMailUrl:
        return _("not readable")


class EventWithMailboxForm(EventForm):
    mailbox = forms.ModelChoiceField(
        Mailbox.objects.none(),
        required=False,
        label=gettext_lazy("e-mails leave from"),
        help_text=gettext_lazy("It holds for what is launched from now on."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = EventMailbox.objects.filter(event=self.instance.pk).values_list("mailbox", flat=True).first()
        self.initial["mailbox"] = chosen
        if "mailbox" in self.fields:
            field: Any = self.fields["mailbox"]
            field.queryset = Mailbox.objects.filter(Q(is_enabled=True) | Q(pk=chosen))
            field.empty_label = _("the sender of this installation (%(sender)s)") % {"sender": sender_of(None)}

    def save_mailbox(self, event: Event) -> None:
        if "mailbox" not in self.changed_data:
            return
        chosen = self.cleaned_data["mailbox"]
        if chosen is None:
            EventMailbox.objects.filter(event=event).delete()
        else:
            EventMailbox.objects.update_or_create(event=event, defaults={"mailbox": chosen})
