"""One address may be told about all numbers of a gateway: what is about another one changes nothing."""

from datetime import timedelta

import pytest

from campaigns.models import Reply
from tests.factories import NOW, make_sender
from tests.gateways.posts.evolution import EvolutionPosts
from tests.gateways.posts.gowa import GowaPosts
from tests.gateways.posts.waha import WahaPosts
from tests.gateways.world import World
from tests.whatsapp import test_evolution_hook as evolution
from tests.whatsapp import test_waha_hook as waha
from tests.whatsapp.test_webhooks_reading import of, stored
from whatsapp.gateways.base import State
from whatsapp.webhooks.base import Reading, StateNews
from whatsapp.webhooks.evolution import EvolutionHook
from whatsapp.webhooks.reading import read_posts
from whatsapp.webhooks.waha import WahaHook

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_clock")]

POSTS = {"waha": WahaPosts, "evolution": EvolutionPosts, "gowa": GowaPosts}
AN_HOUR_AGO = NOW - timedelta(hours=1)
RECEIPTS = {
    "waha": (WahaHook(), "session", waha.post("message.ack", waha.ack(ackName="READ"))),
    "evolution": (EvolutionHook(), "instance", evolution.post("messages.update", evolution.UPDATE)),
}

# --- what each hook makes of it ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("message.ack", waha.ack(ackName="READ")),
        ("message", waha.written()),
        ("message.any", waha.written(id=f"true_{waha.ANA}_3EB0AA11", fromMe=True)),
        ("session.status", {"name": "eventos", "status": "FAILED"}),
    ],
)
def test_one_webhook_for_all_of_waha_tells_no_number_about_another(event, payload):
    body = waha.post(event, payload)
    assert len(WahaHook().read(body, {"session_name": "eventos"}).news) == 1
    assert WahaHook().read(body, {"session_name": "default"}) == Reading()


@pytest.mark.parametrize(
    ("event", "data"),
    [
        ("messages.update", evolution.UPDATE),
        ("messages.update", [evolution.UPDATE]),
        ("messages.upsert", evolution.INBOUND),
        ("send.message", evolution.OWN),
        ("connection.update", {"instance": "eventos", "state": "close", "statusReason": 401}),
    ],
)
def test_one_webhook_for_all_of_evolution_tells_no_number_about_another(event, data):
    body = evolution.post(event, data)
    assert len(EvolutionHook().read(body, {"session_name": "eventos"}).news) == 1
    assert EvolutionHook().read(body, {"session_name": "taquilla"}) == Reading()


@pytest.mark.parametrize("gateway", RECEIPTS)
@pytest.mark.parametrize("named", [None, "", 7, {"instanceName": "taquilla"}])
def test_what_names_no_session_is_taken(gateway, named):
    hook, place, body = RECEIPTS[gateway]
    assert len(hook.read(body | {place: named}, {"session_name": "eventos"}).news) == 1
    nameless = {name: value for name, value in body.items() if name != place}
    assert len(hook.read(nameless, {"session_name": "eventos"}).news) == 1


@pytest.mark.parametrize("gateway", RECEIPTS)
def test_a_number_without_a_session_takes_everything(gateway):
    hook, _place, body = RECEIPTS[gateway]
    assert len(hook.read(body, {"session_name": ""}).news) == 1


def test_ids_of_evolution_s_own_are_no_names_of_an_instance():
    data = {"instance": "00000000-0000-4000-8000-000000000001", "instanceId": "x", "state": "open"}
    found = EvolutionHook().read(evolution.post("connection.update", data), {"session_name": "eventos"})
    assert found.news == [StateNews(State.READY)]


# --- two numbers at one gateway ---------------------------------------------------------------------------------------


def number(gateway, session, phone):
    return make_sender(gateway=gateway, session_name=session, phone=phone, state="ready", state_since=AN_HOUR_AGO)


@pytest.fixture
def pair(request):
    """The number that is posted about, another one, and what their gateway posts."""
    posts = POSTS[request.param](World("taquilla"))
    meant = number(request.param, "taquilla", f"+{posts.own}")
    return meant, number(request.param, "bar", "+12025550199"), posts


def hear(sender, bodies):
    stored(sender, *bodies)
    read_posts(now=NOW, limit=10)
    sender.refresh_from_db()


@pytest.mark.parametrize("pair", ["waha", "evolution"], indirect=True)
def test_a_session_that_is_logged_out_rests_no_other_number(pair):
    meant, other, posts = pair
    bodies = posts.session_state("logged_out")
    hear(other, bodies)
    assert (other.state, other.state_since, of(other)) == ("ready", AN_HOUR_AGO, [(NOW, 0, "")])
    hear(meant, bodies)
    assert (meant.state, of(meant)) == ("failed" if meant.gateway == "waha" else "logged_out", [(NOW, 1, "")])


@pytest.mark.parametrize("pair", ["waha", "evolution"], indirect=True)
def test_a_session_that_is_ready_wakes_no_other_number(pair):
    _meant, other, posts = pair
    type(other).objects.update(state="logged_out")
    hear(other, posts.session_state("ready"))
    assert (other.state, of(other)) == ("logged_out", [(NOW, 0, "")])


@pytest.mark.parametrize("pair", POSTS, indirect=True)
def test_a_reply_is_a_reply_to_the_number_that_got_it_alone(pair):
    meant, other, posts = pair
    bodies = posts.reply("573000000001", "BAJA")
    hear(other, bodies)
    assert (Reply.objects.count(), of(other)) == (0, [(NOW, 0, "")])
    hear(meant, bodies)
    assert (Reply.objects.get().sender, of(meant)) == (meant, [(NOW, 1, "")])
