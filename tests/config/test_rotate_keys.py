"""Keys and secrets are encrypted at rest, and the key of that can be changed."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from campaigns.models import Mailbox
from tests.factories import make_sender
from whatsapp.models import Sender

pytestmark = pytest.mark.django_db


def stored(column="api_key"):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM whatsapp_sender")
        return [row[0] for row in cursor.fetchall()]


def rotate(capsys):
    call_command("rotate_keys")
    return capsys.readouterr().out


def test_what_is_stored_is_not_what_was_typed():
    make_sender(api_key="la-clave", webhook_secret="la-firma")
    for column in ("api_key", "webhook_secret", "hook_key"):
        [value] = stored(column)
        assert value.startswith("enc:")
        assert "la-" not in value


def test_after_the_rotation_the_old_key_is_not_needed(settings, capsys):
    settings.ENCRYPTION_KEYS = ["vieja"]
    sender = make_sender(api_key="la-clave", webhook_secret="la-firma")
    mailbox = Mailbox.objects.create(from_address="a@example.org", url="smtp+tls://u:p@mail.example.org:587")
    hook = sender.hook_key
    settings.ENCRYPTION_KEYS = ["nueva", "vieja"]
    assert "4" in rotate(capsys)
    settings.ENCRYPTION_KEYS = ["nueva"]
    found = Sender.objects.get()
    assert (found.api_key, found.webhook_secret, found.hook_key) == ("la-clave", "la-firma", hook)
    mailbox.refresh_from_db()
    assert mailbox.url == "smtp+tls://u:p@mail.example.org:587"


def test_what_no_key_fits_is_said_and_left(settings, capsys):
    settings.ENCRYPTION_KEYS = ["perdida"]
    make_sender(api_key="una")
    before = stored()
    settings.ENCRYPTION_KEYS = ["nueva"]
    with pytest.raises(CommandError):
        call_command("rotate_keys")
    assert stored() == before


def test_a_lost_key_makes_a_secret_empty_and_breaks_nothing(settings):
    settings.ENCRYPTION_KEYS = ["perdida"]
    make_sender(api_key="una")
    settings.ENCRYPTION_KEYS = ["nueva"]
    assert Sender.objects.get().api_key == ""
