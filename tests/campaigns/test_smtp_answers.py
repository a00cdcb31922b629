"""What mail servers say when they refuse, in the words of real ones, and whose fault it is."""

import pytest

from campaigns.smtp_answers import HungUp, Stage, refusal
from whatsapp.gateways.base import ErrorKind

K = ErrorKind
GREETING, SENDER, RECIPIENT, CONTENT = Stage.GREETING, Stage.SENDER, Stage.RECIPIENT, Stage.CONTENT


@pytest.mark.parametrize(
    ("stage", "code", "text", "kind"),
    [
        # the person's address
        (RECIPIENT, 550, "5.1.1 <ana@example.com>: Recipient address rejected: User unknown", K.INVALID_NUMBER),
        (RECIPIENT, 550, "No such user here", K.INVALID_NUMBER),
        (RECIPIENT, 551, "User not local", K.INVALID_NUMBER),
        (RECIPIENT, 553, "5.1.3 bad address syntax", K.INVALID_NUMBER),
        (RECIPIENT, 501, "5.1.3 Bad recipient address syntax", K.INVALID_NUMBER),
        (RECIPIENT, 550, "5.4.1 Recipient address rejected: Access denied", K.INVALID_NUMBER),
        (RECIPIENT, 550, "5.2.1 The email account that you tried to reach is disabled", K.INVALID_NUMBER),
        (CONTENT, 550, "5.1.1 user unknown", K.INVALID_NUMBER),
        # the person, for now
        (RECIPIENT, 450, "4.2.0 <ana@example.com>: Recipient address rejected: Greylisted", K.TEMPORARY),
        (RECIPIENT, 451, "4.7.1 Greylisting in action, please come back later", K.TEMPORARY),
        (RECIPIENT, 452, "4.2.2 The email account that you tried to reach is over quota", K.TEMPORARY),
        (RECIPIENT, 450, "4.2.1 The user is receiving mail at a rate that prevents additional messages", K.TEMPORARY),
        (RECIPIENT, 552, "5.2.2 Mailbox full", K.TEMPORARY),
        (RECIPIENT, 450, "try later", K.TEMPORARY),
        (RECIPIENT, 451, "4.4.1 no answer from the host of that domain", K.TEMPORARY),
        (CONTENT, 451, "4.3.0 content filter is not there", K.TEMPORARY),
        # the message
        (CONTENT, 554, "5.7.1 Message looks like spam", K.REJECTED_CONTENT),
        (CONTENT, 550, "spam", K.REJECTED_CONTENT),
        (SENDER, 552, "5.3.4 Message size exceeds fixed limit", K.REJECTED_CONTENT),
        (CONTENT, 552, "size limit exceeded", K.REJECTED_CONTENT),
        (RECIPIENT, 552, "no", K.REJECTED_CONTENT),
        (RECIPIENT, 550, "5.7.1 You are not a member of this group", K.REJECTED_CONTENT),
        (CONTENT, 554, "5.4.6 too many hops", K.REJECTED_CONTENT),
        # too fast, or too much for a day
        (SENDER, 450, "4.7.1 Error: too much mail from 203.0.113.9", K.RATE_LIMITED),
        (SENDER, 452, "4.3.1 Insufficient system storage", K.RATE_LIMITED),
        (RECIPIENT, 450, "4.7.1 Error: too many recipients from this address: rate exceeded", K.RATE_LIMITED),
        (RECIPIENT, 451, "4.7.650 The mail server [203.0.113.9] has been temporarily limited", K.RATE_LIMITED),
        (RECIPIENT, 451, "4.3.5 Server configuration problem", K.RATE_LIMITED),
        (CONTENT, 454, "Throttling failure: Maximum sending rate exceeded.", K.RATE_LIMITED),
        (CONTENT, 450, "4.7.28 unusual amount of mail", K.RATE_LIMITED),
        (CONTENT, 550, "5.4.5 Daily user sending limit exceeded", K.RATE_LIMITED),
        (RECIPIENT, 452, "daily quota exceeded, try again tomorrow", K.RATE_LIMITED),
        (GREETING, 554, "too many connections from your host", K.RATE_LIMITED),
        # our own sender, or our own computer
        (SENDER, 550, "5.1.8 Sender domain does not exist", K.BLOCKED),
        (SENDER, 553, "no", K.BLOCKED),
        (RECIPIENT, 553, "5.7.1 <caja@example.org>: Sender address rejected: not owned by user x", K.BLOCKED),
        (RECIPIENT, 554, "5.7.1 Client host [203.0.113.9] blocked using zen.spamhaus.org", K.BLOCKED),
        (CONTENT, 554, "Message rejected: Email address is not verified.", K.BLOCKED),
        (CONTENT, 550, "5.7.26 Unauthenticated email from example.org is not accepted", K.BLOCKED),
        (CONTENT, 554, "5.7.60 SMTP; Client does not have permissions to send as this sender", K.BLOCKED),
        (GREETING, 554, "5.7.1 no SMTP service for you", K.BLOCKED),
        # the login
        (SENDER, 530, "5.7.0 Authentication Required", K.AUTH),
        (GREETING, 535, "5.7.8 wrong", K.AUTH),
        (RECIPIENT, 554, "5.7.1 <ana@example.com>: Relay access denied", K.AUTH),
        (RECIPIENT, 550, "relaying denied", K.AUTH),
    ],
)
def test_whose_fault_it_is(stage, code, text, kind):
    assert refusal(stage, code, text).kind == kind


@pytest.mark.parametrize(
    ("code", "text"),
    [(421, "4.7.0 closing"), (450, "4.7.1 too many messages in this session"), (452, "10 messages per connection")],
)
def test_the_end_of_a_connection_is_not_the_end_of_the_server(code, text):
    assert isinstance(refusal(RECIPIENT, code, text), HungUp)


def test_the_allowance_of_a_day_is_not_asked_for_every_minute():
    assert refusal(CONTENT, 550, "5.4.5 Daily sending quota exceeded").retry_after == 3600.0
    assert refusal(CONTENT, 454, "Maximum sending rate exceeded").retry_after is None


def test_the_words_of_the_server_are_kept_without_addresses():
    error = refusal(RECIPIENT, 550, "5.1.1 <ana@example.com>:\nno such user")
    assert error.detail == "550 5.1.1 … no such user"
