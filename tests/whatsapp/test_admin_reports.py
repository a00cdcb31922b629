"""The reports of a gateway on the page of its number: where they go, whether they come, and who sees what."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import NOW, make_sender
from tests.history import told
from tests.staff import sign_in, sign_in_owner
from tests.whatsapp.hooks import SECRET, Signed, TellingHook, hook_url, make_telling, posting
from whatsapp import registry
from whatsapp.admin.webhook_posts import LONGEST, pretty
from whatsapp.models import Sender, WebhookPost
from whatsapp.webhooks.help import HELP, help_for

pytestmark = [pytest.mark.django_db, pytest.mark.any_database, pytest.mark.usefixtures("posting", "fixed_clock")]
__all__ = ["posting"]

LOOK, CHANGE, POSTS = "whatsapp.view_sender", "whatsapp.change_sender", "whatsapp.view_webhookpost"
LIST = "/admin/whatsapp/webhookpost/"


@pytest.fixture(autouse=True)
def english(client):
    client.cookies["django_language"] = "en"


def page(client, sender):
    return client.get(reverse("admin:whatsapp_sender_change", args=[sender.pk])).content.decode()


def new_address(sender):
    return reverse("admin:whatsapp_sender_address", args=[sender.pk])


def make_post(sender, **fields):
    values = {"received_at": NOW, "body": '{"text": "Hola Ñandú"}', "digest": f"{WebhookPost.objects.count():064}"}
    return WebhookPost.objects.create(sender=sender, **values | fields)


# --- the address ------------------------------------------------------------------------------------------------------


def test_the_whole_address_is_there_to_be_copied(client, settings):
    settings.PUBLIC_URL = "https://entradas.example.org"
    sender = make_telling()
    sign_in_owner(client)
    shown = f'readonly value="https://entradas.example.org{hook_url(sender)}"'
    assert shown in page(client, sender)


def test_it_is_for_those_who_may_change_the_number(client):
    sender = make_telling(last_post_at=NOW)
    sign_in(client, LOOK)
    shown = page(client, sender)
    assert "Reports of the gateway" in shown
    assert [words for words in (sender.hook_key, "/address/", "n-address", LIST) if words in shown] == []


def test_it_is_on_no_other_page(client):
    sender = make_telling()
    sign_in_owner(client)
    assert sender.hook_key not in client.get(reverse("admin:whatsapp_sender_changelist")).content.decode()


def test_no_browser_keeps_the_page(client):
    sender = make_telling()
    sign_in_owner(client)
    answer = client.get(reverse("admin:whatsapp_sender_change", args=[sender.pk]))
    assert "no-store" in answer["Cache-Control"]


def test_an_address_that_cannot_be_decrypted_any_more_is_told(client, settings):
    sender = make_telling()
    settings.ENCRYPTION_KEYS = ["another"]
    sign_in_owner(client)
    shown = page(client, sender)
    assert "cannot be read any more" in shown
    client.post(new_address(sender), {"seen": client.get(new_address(sender)).context["seen"]})
    assert "cannot be read any more" not in page(client, sender)


def test_saving_the_number_leaves_the_address_as_it_is(client):
    sender = make_telling(name="Taquilla")
    sign_in_owner(client)
    form = {"name": "Otra", "gateway": "telling", "base_url": "http://localhost:3010", "weight": 1}
    client.post(reverse("admin:whatsapp_sender_change", args=[sender.pk]), form)
    again = Sender.objects.get()
    assert (again.name, again.hook_key) == ("Otra", sender.hook_key)


# --- a new one --------------------------------------------------------------------------------------------------------


def test_a_new_address_asks_first(client):
    sender = make_telling()
    sign_in_owner(client)
    assert client.get(new_address(sender)).status_code == 200
    assert Sender.objects.get().hook_key == sender.hook_key


def test_a_new_address_takes_the_place_of_the_old_one(client):
    sender, other = make_telling(), make_telling()
    sign_in_owner(client)
    answer = client.post(new_address(sender), {"seen": client.get(new_address(sender)).context["seen"]}, follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["success"]
    fresh = Sender.objects.get(pk=sender.pk)
    statuses = [
        Client().post(hook_url(one), b"{}", content_type="text/plain").status_code for one in (sender, fresh, other)
    ]
    assert statuses == [404, 200, 200]


def test_it_stands_in_the_history_without_the_address(client):
    sender = make_telling()
    user = sign_in_owner(client)
    client.post(new_address(sender), {"seen": client.get(new_address(sender)).context["seen"]})
    assert told() == [(user.username, "changed", ["Address of its reports: •••"])]


@pytest.mark.parametrize("seen", ["", "old"])
def test_a_second_press_makes_no_third_address(client, seen):
    sender = make_telling()
    sign_in_owner(client)
    answer = client.post(new_address(sender), {"seen": seen}, follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["info"]
    assert (Sender.objects.get().hook_key, told()) == (sender.hook_key, [])


@pytest.mark.parametrize(("permissions", "status"), [((LOOK,), 403), ((CHANGE,), 302), ((LOOK, CHANGE), 302)])
def test_a_new_address_needs_the_right_to_change_the_number(client, permissions, status):
    sender = make_telling()
    sign_in(client, *permissions)
    assert client.post(new_address(sender), {}).status_code == status


def test_a_new_address_needs_the_token_of_the_page():
    sender = make_telling()
    strict = Client(enforce_csrf_checks=True)
    sign_in_owner(strict)
    assert strict.post(new_address(sender), {"seen": ""}).status_code == 403


def test_a_number_that_does_not_exist_has_no_address(client):
    sign_in_owner(client)
    assert client.get(reverse("admin:whatsapp_sender_address", args=[999])).status_code == 404


# --- whether they come ------------------------------------------------------------------------------------------------


def facts(client, sender):
    reports = client.get(reverse("admin:whatsapp_sender_change", args=[sender.pk])).context["reports"]
    return reports.unread, reports.problem and reports.problem.words


def test_what_is_unread_and_the_last_problem(client):
    sender, other = make_telling(), make_telling()
    make_post(sender, applied_at=NOW, problem="failed: KeyError waha.py:1")
    latest = make_post(sender, applied_at=NOW, problem="faults: 1 KeyError")
    make_post(sender, applied_at=NOW)
    make_post(sender)
    make_post(other, applied_at=NOW, problem="no hook")
    sign_in_owner(client)
    assert facts(client, sender) == (1, "Not all of it was understood: 1 KeyError")
    assert f"{LIST}{latest.pk}/change/" in page(client, sender)


def test_without_problems_there_is_none(client):
    sender = make_telling()
    sign_in_owner(client)
    assert facts(client, sender) == (0, None)
    assert "Last problem" not in page(client, sender)


def test_the_last_report_and_the_last_receipt(client):
    sender = make_telling(last_post_at=NOW, last_receipt_at=NOW - timedelta(minutes=5))
    sign_in_owner(client)
    card = page(client, sender).partition('id="n-reports"')[2]
    assert ("10:00" in card, "9:55" in card, "<dd>none yet</dd>" in card) == (True, True, False)


@pytest.mark.parametrize(("last", "is_open"), [(None, True), (NOW, False)])
def test_how_to_set_it_up_is_open_until_the_first_report(client, last, is_open):
    sender = make_telling(last_post_at=last)
    sign_in_owner(client)
    assert ('<details class="n-setup" open>' in page(client, sender)) is is_open


@pytest.mark.parametrize(
    ("gateway", "secret", "said"),
    [
        ("telling", "", ""),
        ("signed", "", "<dd>not stored</dd>"),
        ("signed", SECRET, "<dd>stored</dd>"),
        ("headed", SECRET, "<dd>stored</dd>"),
    ],
)
def test_whether_a_secret_is_stored_and_never_which(client, gateway, secret, said):
    sender = make_telling(gateway=gateway, webhook_secret=secret)
    sign_in_owner(client)
    shown = page(client, sender)
    assert ("stored</dd>" in shown, said in shown, SECRET in shown) == (bool(said), True, False)
    assert ("no report is taken" in shown) is (said == "<dd>not stored</dd>")


@pytest.mark.parametrize("gateway", ["mute", "gone"])
def test_a_gateway_that_tells_nothing(client, gateway):
    sender = make_sender(gateway=gateway)
    sign_in_owner(client)
    shown = page(client, sender)
    assert "posts nothing that is understood" in shown
    assert (sender.hook_key in shown, new_address(sender) in shown) == (False, False)


# --- what to set in the gateway ---------------------------------------------------------------------------------------


def test_what_to_set_in_each_gateway(client):
    sender = make_sender(gateway="rest")
    sign_in_owner(client)
    assert "Let the service post its message statuses to this address." in page(client, sender)
    assert set(HELP) == {gateway.name for gateway in registry.OURS if gateway.hook}


def test_a_gateway_of_others_says_it_itself(client, monkeypatch):
    class Helpful(Signed):
        hook_help = ("Turn the wheel.",)

    monkeypatch.setitem(registry.gateways(), "signed", Helpful)
    sender = make_telling(gateway="signed")
    sign_in_owner(client)
    assert "<li>Turn the wheel.</li>" in page(client, sender)
    assert help_for(Signed) == ()


class AskingHook(TellingHook):
    def verify_token(self, secret):
        return f"token of {len(secret)}"


@pytest.mark.parametrize(
    ("secret", "permissions", "is_shown"),
    [(SECRET, (LOOK, CHANGE), True), ("", (LOOK, CHANGE), False), (SECRET, (LOOK,), False)],
)
def test_the_token_that_a_provider_asks_with(client, monkeypatch, secret, permissions, is_shown):
    monkeypatch.setattr(Signed, "hook", AskingHook)
    sender = make_telling(gateway="signed", webhook_secret=secret)
    sign_in(client, *permissions)
    answer = client.get(reverse("admin:whatsapp_sender_change", args=[sender.pk]))
    assert answer.context["reports"].verify_token == (f"token of {len(SECRET)}" if is_shown else "")
    assert ("Verify token" in answer.content.decode()) is is_shown


def test_a_provider_that_asks_nothing_needs_no_token(client):
    sender = make_telling(gateway="signed", webhook_secret=SECRET)
    sign_in_owner(client)
    assert "Verify token" not in page(client, sender)


def test_meta_asks_with_the_token_that_the_page_shows(client):
    sender = make_sender(gateway="cloud", webhook_secret=SECRET)
    sign_in_owner(client)
    answer = client.get(reverse("admin:whatsapp_sender_change", args=[sender.pk]))
    question = {"hub.mode": "subscribe", "hub.challenge": "1158201444"}
    right = {"hub.verify_token": answer.context["reports"].verify_token}
    answers = [Client().get(hook_url(sender), question | token) for token in (right, {"hub.verify_token": SECRET}, {})]
    assert [(answer.status_code, answer.content) for answer in answers] == [
        (200, b"1158201444"),
        (403, b"Forbidden"),
        (403, b"Forbidden"),
    ]


# --- the posts themselves ---------------------------------------------------------------------------------------------


def test_posts_are_listed_the_newest_first(client, django_assert_max_num_queries):
    sender = make_telling(name="Taquilla")
    old, new = make_post(sender), make_post(sender, applied_at=NOW, news=3)
    for _ in range(8):
        make_post(make_telling())
    sign_in_owner(client)
    with django_assert_max_num_queries(9) as asked:
        shown = client.get(LIST, {"sender__id__exact": sender.pk}).content.decode()
    assert shown.index(f"{LIST}{new.pk}/") < shown.index(f"{LIST}{old.pk}/")
    assert "Hola" not in shown
    assert [query["sql"] for query in asked.captured_queries if '"body"' in query["sql"]] == []


@pytest.mark.parametrize(
    ("state", "found"), [("unread", [0]), ("read", [1]), ("problem", [2]), ("other", [2, 1, 0]), ("", [2, 1, 0])]
)
def test_posts_by_their_state(client, state, found):
    sender = make_telling()
    posts = [
        make_post(sender),
        make_post(sender, applied_at=NOW),
        make_post(sender, applied_at=NOW, problem="failed: KeyError waha.py:1"),
    ]
    sign_in_owner(client)
    answer = client.get(LIST, {"state": state} if state else {})
    assert list(answer.context["cl"].result_list) == [posts[number] for number in found]


def test_a_post_is_shown_as_it_came(client):
    post = make_post(make_telling(), body='{"from": "573000000001@c.us", "text": "<b>Ñandú</b>", "odd": "\\ud800"}')
    sign_in_owner(client)
    shown = client.get(f"{LIST}{post.pk}/change/").content.decode()
    assert "&quot;text&quot;: &quot;&lt;b&gt;Ñandú&lt;/b&gt;&quot;,\n" in shown
    assert "&quot;odd&quot;: &quot;?&quot;" in shown


@pytest.mark.parametrize("text", ["<html>", "[" * 50_000, ("[" * 900 + "]" * 900), "x" * LONGEST])
def test_what_cannot_be_laid_out_is_shown_as_it_is(text):
    assert pretty(text) == text


@pytest.mark.parametrize(
    ("permissions", "status"),
    [((LOOK, CHANGE), 403), ((POSTS,), 200), (("whatsapp.change_webhookpost", "whatsapp.delete_webhookpost"), 403)],
)
def test_posts_are_personal_and_for_those_with_their_own_permission(client, permissions, status):
    post = make_post(make_telling())
    sign_in(client, *permissions)
    addresses = (LIST, f"{LIST}{post.pk}/change/", f"{LIST}{post.pk}/history/")
    assert [client.get(address).status_code for address in addresses] == [status] * 3


def test_nobody_writes_a_post_by_hand(client):
    post = make_post(make_telling())
    sign_in_owner(client)
    assert [client.get(f"{LIST}{what}/").status_code for what in ("add", f"{post.pk}/delete")] == [403, 403]
    assert client.post(f"{LIST}{post.pk}/change/", {"body": "{}"}).status_code == 403
    assert WebhookPost.objects.get().body == post.body


def test_the_owner_sees_them_and_nobody_else():
    from config.roles import TABLE

    assert TABLE[POSTS] == ("Owner",)
