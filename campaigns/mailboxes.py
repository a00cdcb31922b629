"""The mailboxes that e-mails leave from, each through the connections of its own mail server."""

from collections.abc import Callable, Collection

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from campaigns.enums import Channel, LanePause
from campaigns.lanes import AWAKE
from campaigns.mail_urls import BadMailUrl, MailAddress, read_mail_url
from campaigns.mailer import MailServer
from campaigns.models import Campaign, Delivery, Lane, Mailbox
from tickets.models import Event
from whatsapp.gateways.base import ErrorKind, Stopped

SMTP = "django.core.mail.backends.smtp.EmailBackend"
OWN = 0  # the installation's own mail server


def mailbox_of(event: Event | None) -> Mailbox | None:
    """Where the e-mails of an event leave from; None: from the installation's own sender."""
    if event is None:
        return None
    return Mailbox.objects.filter(events__event=event, is_enabled=True).first()


def mailbox_of_campaign(campaign: Campaign) -> Mailbox | None:
    """What was frozen at the launch; before it, what the event says now."""
    listed = Delivery.objects.filter(campaign=campaign, channel=Channel.EMAIL).order_by().values_list("pool", flat=True)
    pool = next(iter(listed[:1]), None)
    return mailbox_of(campaign.event) if pool is None else Mailbox.objects.filter(pk=pool).first()


def sender_of(mailbox: Mailbox | None) -> str:
    """What people see as the sender."""
    return mailbox.from_address if mailbox else settings.DEFAULT_FROM_EMAIL


def is_unreadable(mailbox: Mailbox) -> bool:
    """A server is stored and none of the keys of this installation opens it: it must be typed again."""
    if mailbox.url or mailbox.pk is None:
        return False
    stored = Mailbox.objects.filter(pk=mailbox.pk).annotate(stored=Cast("url", TextField())).exclude(stored="")
    return stored.exists()


def wake_lanes(mailbox: Mailbox | None, *, reasons: Collection[str] = tuple(LanePause.values)) -> bool:
    """A person changed the mailbox, or a letter went through: let its lanes look at once."""
    resting = Lane.objects.filter(channel=Channel.EMAIL, mailbox=mailbox, pause_reason__in=[r for r in reasons if r])
    return bool(resting.update(**AWAKE, failures_in_a_row=0))


def rest_sentence(lane: Lane) -> str:
    """Why an e-mail lane rests, and what somebody can do about it."""
    sentences = {
        LanePause.UNREACHABLE: _("The mail server of “%(lane)s” does not answer. It is tried again by itself."),
        LanePause.RATE_LIMITED: _("The mail server of “%(lane)s” asked to go slower, and is given time."),
        LanePause.BREAKER: _("“%(lane)s” failed several times in a row and rests before it is tried again."),
        LanePause.BLOCKED: _(
            "The mail server does not let the sender of “%(lane)s” send. When that is mended, send a test e-mail from "
            "the page of the mailbox, and it goes on."
        ),
        LanePause.AUTH: _(
            "The mail server of “%(lane)s” does not let us in. Correct it on the page of the mailbox; send a test "
            "e-mail there, and it goes on."
        ),
    }
    sentence = sentences.get(LanePause(lane.pause_reason), _("“%(lane)s” waits."))
    return sentence % {"lane": lane.mailbox or lane.get_channel_display()}


class MailServers:
    """One mail server for each mailbox, found by what the mailbox says now: a change acts on the next message.

    Used by the thread that owns the database; the servers that it hands out are for any thread.
    """

    def __init__(self) -> None:
        self._servers: dict[int, tuple[str | None, MailServer]] = {}
        self._retired: list[MailServer] = []

    def of(self, mailbox: Mailbox | None) -> MailServer:
        """Never another sender's server: one that cannot be read stops its lane, with a sentence."""
        if mailbox is None:
            return self._server(OWN, "")
        if mailbox.url:
            return self._server(mailbox.pk, mailbox.url)
        return self._server(mailbox.pk, None) if is_unreadable(mailbox) else self._server(OWN, "")

    def close(self) -> None:
        for server in [*self._retired, *(server for _url, server in self._servers.values())]:
            server.close()
        self._servers, self._retired = {}, []

    def _server(self, key: int, url: str | None) -> MailServer:
        known = self._servers.get(key)
        if known and known[0] == url:
            return known[1]
        if known:
            self._retired.append(known[1])  # closing takes a while and waits until nobody waits for us
        server = MailServer(connector(url))
        self._servers[key] = (url, server)
        return server


def connector(url: str | None) -> Callable[[], BaseEmailBackend]:
    """How to connect to a stored server: "" is the installation's own, None one that cannot be read."""
    if url is None:
        return _refuse_unreadable
    if not url:
        return get_connection
    return lambda: _connection_to(url)


def _connection_to(url: str) -> BaseEmailBackend:
    try:
        return connection(read_mail_url(url))
    except BadMailUrl as error:
        raise Stopped(str(error), kind=ErrorKind.AUTH) from error


def connection(address: MailAddress) -> BaseEmailBackend:
    """Everything is named: what is left out would be the installation's, and its password is nobody else's business."""
    return get_connection(
        SMTP,
        host=address.host,
        port=address.port,
        username=address.user,
        password=address.password,
        use_tls=address.scheme == "smtp+tls",
        use_ssl=address.scheme == "smtp+ssl",
        timeout=settings.EMAIL_TIMEOUT,
    )


def unreadable_words() -> str:
    return _(
        "The stored mail server cannot be read any more, because the keys of this installation changed. "
        "Type it again on the page of the mailbox."
    )


def _refuse_unreadable() -> BaseEmailBackend:
    raise Stopped(unreadable_words(), kind=ErrorKind.AUTH)
