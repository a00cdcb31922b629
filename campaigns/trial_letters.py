"""A test e-mail to somebody of the staff, and the mail server's answer in a sentence."""

import secrets
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.translation import gettext as _

from campaigns import safe_mode
from campaigns.enums import Channel
from campaigns.mailboxes import MailServers, sender_of
from campaigns.mailer import Letter, domain_of
from campaigns.models import Mailbox
from whatsapp.gateways.base import ErrorKind, GatewayError
from whatsapp.said import in_words

K = ErrorKind


@dataclass(frozen=True)
class Trial:
    arrived: bool
    sentence: str


def try_mailbox(mailbox: Mailbox | None, *, to: str) -> Trial:
    """None: the installation's own sender."""
    if not to:
        return Trial(False, _("Your user has no e-mail address, so there is nowhere to send it. Add one to your user."))
    if safe_mode.blocks(Channel.EMAIL):
        return Trial(False, safe_mode.sentence())
    letter = _letter(mailbox, to=safe_mode.address_for(Channel.EMAIL, 0) or to)
    servers = MailServers()
    try:
        servers.of(mailbox).send(letter)
    except GatewayError as error:
        return Trial(False, _why(error))
    finally:
        servers.close()
    return Trial(True, _("The mail server took it. Look whether it arrives at %(address)s.") % {"address": letter.to})


def _letter(mailbox: Mailbox | None, *, to: str) -> Letter:
    sender = sender_of(mailbox)
    text = _("This is a test. E-mails from %(sender)s leave this installation and reach you.") % {"sender": sender}
    return Letter(
        to=to,
        subject=_("Test of the e-mails"),
        text=text,
        html=f"<p>{escape(text)}</p>",
        message_id=f"<test-{secrets.token_hex(8)}@{domain_of(sender)}>",
        sender=sender,
        reply_to=mailbox.reply_to if mailbox else "",
    )


def _why(error: GatewayError) -> str:
    sentences = {
        K.AUTH: _("The mail server did not let us in. Check server, user and password."),
        K.BLOCKED: _("The mail server does not let this sender send. Check the sender's address, or ask its provider."),
        K.UNREACHABLE: _("The mail server does not answer. Check its name, its number and the encryption."),
        K.RATE_LIMITED: _("The mail server asks us to wait. Try again later."),
        K.UNCERTAIN: _("The mail server broke off without a clear answer. It may have arrived."),
    }
    sentence = sentences.get(error.kind, _("The mail server did not take the message."))
    if not error.detail:
        return sentence
    return " ".join([sentence, _("It said: %(detail)s") % {"detail": in_words(error.detail)}])
