"""A mail server that is written in a way nobody can read stops the start in a sentence, and shows no password."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from environ import Env

from config.mail_server import read_mail_server


def read(monkeypatch, url):
    monkeypatch.setenv("EMAIL_URL", url)
    return read_mail_server(Env())


@pytest.mark.parametrize("url", ["smtp+tls://ana:pa#secreta@mail.test:587", "smtp+tls://ana:pa?secreta@mail.test:587"])
def test_a_password_with_signs_of_addresses_is_explained_and_not_repeated(monkeypatch, url):
    with pytest.raises(ImproperlyConfigured, match="%23 for #") as caught:
        read(monkeypatch, url)
    assert "secreta" not in str(caught.value)
    assert (caught.value.__cause__, caught.value.__suppress_context__) == (None, True)


@pytest.mark.parametrize("url", ["mail.example.org", "ftp://mail.example.org"])
def test_something_else_is_explained_too(monkeypatch, url):
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL cannot be read"):
        read(monkeypatch, url)


def test_escaped_signs_come_back(monkeypatch):
    found = read(monkeypatch, "smtp+tls://ana%40example.org:a%23b%3Fc%24d%25e@mail.test:587")
    assert found["EMAIL_HOST_USER"] == "ana@example.org"
    assert found["EMAIL_HOST_PASSWORD"] == "a#b?c$d%e"
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"], found["EMAIL_USE_TLS"]) == ("mail.test", 587, True)


def test_without_one_e_mails_are_written_into_the_log(monkeypatch):
    monkeypatch.delenv("EMAIL_URL", raising=False)
    assert read_mail_server(Env())["EMAIL_BACKEND"] == "django.core.mail.backends.console.EmailBackend"
