"""PINs of tickets: who is let in, and what wrong ones cost."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.factories import make_contact, make_event, make_ticket
from tests.moments import NOW
from tickets import pins
from tickets.models import Event, PinLock, Ticket
from tickets.pins import Locked, forget_old, is_right, locked_until
from tickets.views.kept_private import PIN_COOKIE

pytestmark = pytest.mark.django_db

TOKEN = "Ut3K8Rt4N56ppeyduUonBY"
PAGE, PIN = f"/t/{TOKEN}/", f"/t/{TOKEN}/pin/"
FILES = [f"{PAGE}{name}" for name in ("qr.png", "entrada.png", "entrada.pdf", "evento.ics")]
HERE = "192.0.2.7"


@pytest.fixture
def ticket():
    event = make_event(name="Noche de Prueba", venue="Teatro Ficticio", pin=make_password("1234"))
    holder = make_contact(name="María D'Angelo", language="en")
    return make_ticket(token=TOKEN, code="K7MD-4QXT", event=event, holder=holder)


def tried(ticket, typed="0000", *, address=HERE, now=NOW):
    return is_right(ticket, typed, address=address, now=now)


def wrong(ticket, times, **details):
    for _ in range(times):
        assert tried(ticket, **details) is False


# --- who is let in


def test_without_a_pin_nothing_of_the_ticket_is_shown_but_the_event(client, ticket):
    html = client.get(PAGE).content.decode()

    assert "Noche de Prueba" in html
    assert "Type the PIN of this ticket" in html
    assert [word for word in ("Angelo", "K7MD", "Teatro", "qr.png", "entrada.pdf") if word in html] == []


@pytest.mark.parametrize("url", FILES)
def test_files_lead_to_the_question(client, ticket, url):
    answer = client.get(url)

    assert (answer.status_code, answer.headers["Location"]) == (302, PAGE)
    assert answer.content == b""


def test_the_right_one_opens_page_and_files_on_this_device(client, ticket):
    answer = client.post(PIN, {"pin": "1234"})

    assert (answer.status_code, answer.headers["Location"]) == (302, PAGE)
    assert "K7MD-4QXT" in client.get(PAGE).content.decode()
    assert [client.get(url).status_code for url in FILES] == [200] * 4
    assert "K7MD" not in Client().get(PAGE).content.decode()


@pytest.mark.parametrize("typed", [" 1234 ", "1  2  3  4", "１２３４", "١٢٣٤"])
def test_digits_are_digits_however_they_are_written(ticket, typed):
    assert tried(ticket, typed) is True


@pytest.mark.parametrize("typed", ["", "123", "12345", "abcd", "1234" + "0" * 5000, "\x00", "1234\x00"])
def test_nothing_else_is_right(ticket, typed):
    assert tried(ticket, typed) is False


def test_the_tickets_own_pin_counts_before_that_of_the_event(ticket):
    ticket.pin = make_password("99887766")

    assert tried(ticket, "1234") is False
    assert tried(ticket, "99887766") is True


def test_the_cookie_is_for_this_ticket_alone_and_for_no_script(client, ticket):
    cookie = client.post(PIN, {"pin": "1234"}, secure=True).cookies[PIN_COOKIE]

    assert (cookie["path"], cookie["max-age"], cookie["samesite"]) == (PAGE, 12 * 3600, "Lax")
    assert (cookie["httponly"], cookie["secure"]) == (True, True)
    assert TOKEN not in cookie.value
    assert client.post(PIN, {"pin": "1234"}).cookies[PIN_COOKIE]["secure"] == ""  # plain http, on one's own computer


def test_it_opens_no_other_ticket(client, ticket):
    make_ticket(token="Z" * 22, event=ticket.event, code="OTRA-0000")
    client.post(PIN, {"pin": "1234"})
    value = client.cookies[PIN_COOKIE].value
    client.cookies.clear()
    client.cookies[PIN_COOKIE] = value

    assert "K7MD-4QXT" in client.get(PAGE).content.decode()
    assert "OTRA-0000" not in client.get(f"/t/{'Z' * 22}/").content.decode()


def test_it_is_worth_nothing_once_the_pin_is_another(client, ticket):
    client.post(PIN, {"pin": "1234"})
    Event.objects.update(pin=make_password("1234"))  # even the same one, set anew

    assert "K7MD" not in client.get(PAGE).content.decode()


def test_it_ends_after_twelve_hours(client, ticket):
    client.post(PIN, {"pin": "1234"})
    with time_machine.travel(timezone.now() + timedelta(hours=11, minutes=59)):
        assert "K7MD-4QXT" in client.get(PAGE).content.decode()
    with time_machine.travel(timezone.now() + timedelta(hours=12, seconds=2)):
        assert "K7MD" not in client.get(PAGE).content.decode()


@pytest.mark.parametrize("value", ["", "x", "a:b:c", "é"])
def test_a_forged_cookie_opens_nothing(client, ticket, value):
    client.cookies[PIN_COOKIE] = value

    assert "K7MD" not in client.get(PAGE).content.decode()


def test_a_ticket_without_a_pin_asks_for_none_and_counts_nothing(client, ticket):
    Event.objects.update(pin="")

    assert client.post(PIN, {"pin": "0000"}).status_code == 302
    assert "K7MD-4QXT" in client.get(PAGE).content.decode()
    assert PinLock.objects.count() == 0


def test_an_unknown_ticket_has_no_pin_either(client, ticket):
    assert client.post("/t/unknown/pin/", {"pin": "1234"}).status_code == 404
    assert PinLock.objects.count() == 0


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_on_another_site_uses_up_nobodys_tries(client, ticket, site):
    answer = client.post(PIN, {"pin": "0000"}, headers={"sec-fetch-site": site})

    assert answer.status_code == 404
    assert PinLock.objects.count() == 0


@pytest.mark.parametrize("site", [{"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}, {}])
def test_the_form_of_the_page_is_sent_without_a_token_against_forgery(ticket, site):
    """Browsers say where it stood, or are too old to; the page itself sets no cookie before the PIN was right."""
    strict = Client(enforce_csrf_checks=True)

    assert strict.post(PIN, {"pin": "1234"}, headers=site).cookies[PIN_COOKIE].value


def test_a_pin_is_never_sent_in_an_address(client, ticket):
    assert client.get(PIN, {"pin": "1234"}).status_code == 405


@pytest.mark.parametrize("url", [PAGE, PIN, *FILES])
def test_asking_is_private_too(client, ticket, url):
    headers = (client.post(url, {"pin": "0000"}) if url == PIN else client.get(url)).headers

    assert "noindex" in headers["X-Robots-Tag"]
    assert (headers["Referrer-Policy"], headers["Cache-Control"]) == ("no-referrer", "private, no-store")
    assert "Set-Cookie" not in headers


# --- what wrong ones cost


def test_a_wrong_one_is_said_and_nothing_is_lost_by_looking_again(client, ticket):
    answer = client.post(PIN, {"pin": "0000"})
    for _ in range(3):
        page = client.get(answer.headers["Location"])

    assert "That is not the PIN." in page.content.decode()
    assert sorted(PinLock.objects.values_list("failures", flat=True)) == [1, 1]


def test_an_empty_one_costs_nothing(client, ticket):
    assert client.post(PIN, {"pin": " "}).headers["Location"] == PAGE
    assert PinLock.objects.count() == 0


def test_after_five_each_further_one_costs_twice_the_time_and_an_hour_at_most(ticket):
    wrong(ticket, 5)
    now, waits = NOW, []
    for _ in range(10):
        with pytest.raises(Locked) as locked:
            tried(ticket, "1234", now=now)  # not even the right one is looked at
        waits.append(round((locked.value.until - now).total_seconds()))
        now = locked.value.until
        wrong(ticket, 1, address=f"198.51.100.{len(waits)}", now=now)

    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


def test_a_locked_ticket_says_when_to_try_again(client, ticket):
    for _ in range(5):
        client.post(PIN, {"pin": "0000"})
    for answer in (client.get(PAGE), client.post(PIN, {"pin": "1234"})):
        assert answer.status_code == 429
        assert "Too many wrong PINs. You can try again in 30 seconds." in answer.content.decode()
        assert answer.headers["Retry-After"] == "30"
    PinLock.objects.update(locked_until=timezone.now() + timedelta(minutes=16))
    assert "again in 16 minutes." in client.get(PAGE).content.decode()


def test_the_right_one_forgets_the_wrong_ones_of_the_ticket(ticket):
    wrong(ticket, 4)
    assert tried(ticket, "1234") is True
    wrong(ticket, 4)
    assert locked_until(ticket, address=HERE, now=NOW) is None


def test_whoever_tries_many_tickets_is_locked_by_address(ticket):
    others = [make_ticket(event=ticket.event) for _ in range(5)]
    for other in others:
        wrong(other, 4)

    with pytest.raises(Locked):
        tried(ticket, "1234")
    assert tried(ticket, "1234", address="198.51.100.9") is True
    assert not PinLock.objects.filter(failures=5).exists()  # what was not looked at was not counted


def test_a_right_one_was_no_wrong_one_of_the_address(ticket):
    for _ in range(19):
        wrong(make_ticket(event=ticket.event), 1)
    assert tried(ticket, "1234") is True  # the last that is looked at for now, had it been wrong
    assert locked_until(ticket, address=HERE, now=NOW) is None


def test_a_right_one_is_right_also_when_the_counts_begin_anew_meanwhile(ticket, monkeypatch):
    monkeypatch.setattr(pins, "check_password", lambda *_typed: PinLock.objects.update(failures=0) > 0)

    assert tried(ticket, "1234") is True


def test_a_lock_ends_and_then_nothing_is_said_of_it(ticket):
    wrong(ticket, 5)
    ends = locked_until(ticket, address=HERE, now=NOW)

    assert locked_until(ticket, address=HERE, now=ends - timedelta(seconds=1)) == ends
    assert locked_until(ticket, address=HERE, now=ends) is None


def test_somebody_who_tries_for_weeks_waits_an_hour_each_time(ticket):
    wrong(ticket, 1)
    PinLock.objects.update(failures=5000)
    wrong(ticket, 1)

    assert locked_until(ticket, address=HERE, now=NOW) == NOW + timedelta(hours=1)


def test_an_hour_at_a_door_where_all_share_one_address_locks_nobody(ticket):
    for number in range(60):
        other = make_ticket(event=ticket.event)
        if not number % 4:
            wrong(other, 1)
        assert tried(other, "1234") is True


def test_one_network_has_one_count_for_all_its_addresses(ticket):
    tried(ticket, address="2001:db8::1")
    tried(ticket, address="2001:db8::ffff:2")
    tried(ticket, address="2001:db8:0:1::1")

    assert sorted(PinLock.objects.values_list("failures", flat=True)) == [1, 2, 3]


def test_old_addresses_in_new_dress_have_counts_of_their_own(ticket):
    tried(ticket, address="::ffff:192.0.2.1")
    tried(ticket, address="::ffff:192.0.2.2")

    assert sorted(PinLock.objects.values_list("failures", flat=True)) == [1, 1, 2]


@pytest.mark.parametrize("address", ["", "unix:", "192.0.2.300"])
def test_whoever_comes_from_nowhere_is_counted_all_the_same(ticket, address):
    wrong(ticket, 1, address=address)

    assert list(PinLock.objects.values_list("failures", flat=True)) == [1, 1]


def test_neither_tickets_nor_addresses_can_be_told_from_the_counts(ticket):
    tried(ticket)

    assert all(
        len(key) == 64 and TOKEN not in key and HERE not in key for key in PinLock.objects.values_list("key", flat=True)
    )


@pytest.mark.parametrize(
    ("behind_proxy", "counted"), [(False, ["192.0.2.1"]), (True, ["198.51.100.3"])], ids=["direct", "behind a proxy"]
)
def test_only_the_last_hop_of_a_proxy_of_ours_is_believed(client, ticket, settings, behind_proxy, counted):
    settings.BEHIND_PROXY = behind_proxy
    chain = {"x-forwarded-for": "203.0.113.1, 198.51.100.3"}
    client.post(PIN, {"pin": "0000"}, headers=chain, REMOTE_ADDR="192.0.2.1")
    Ticket.objects.update(pin=make_password("7777"))
    for _ in range(19):
        wrong(make_ticket(event=ticket.event), 1, address=counted[0], now=timezone.now())

    assert locked_until(ticket, address=counted[0], now=timezone.now()) is not None


def test_counts_of_yesterday_begin_anew_and_are_deleted(ticket):
    wrong(ticket, 5)
    later = NOW + timedelta(days=1, minutes=1)
    assert forget_old(NOW + timedelta(hours=23)) == 0
    wrong(ticket, 4, now=later)
    assert locked_until(ticket, address=HERE, now=later) is None
    assert forget_old(later + timedelta(hours=1)) == 0
    assert forget_old(later + timedelta(days=2)) == 2
    assert PinLock.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_of_many_wrong_ones_at_the_same_moment_each_counts_and_few_are_looked_at(ticket):
    ready, answers = threading.Barrier(12), []

    def guess():
        ready.wait()
        try:
            answers.append(tried(ticket))
        except Locked:
            answers.append("locked")
        finally:
            connection.close()

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(map(str, answers)) == ["False"] * 5 + ["locked"] * 7
    assert sorted(PinLock.objects.values_list("failures", flat=True)) == [5, 5]
