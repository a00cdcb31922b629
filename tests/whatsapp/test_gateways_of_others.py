"""A gateway of somebody's own, by its path in the environment: the one that the documentation shows."""

import re
from pathlib import Path

import pytest
import responses
from django.urls import reverse

from tests.factories import make_sender
from tests.staff import sign_in_owner
from whatsapp import registry
from whatsapp.gateways.base import Accepted, Message, NotSent, OutcomeUnknown, State

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "adding-a-gateway.md"
URL = "http://localhost:9000"


@pytest.fixture
def acme(tmp_path, monkeypatch, settings):
    [code] = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    (tmp_path / "gateway_of_the_guide.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    settings.WHATSAPP_GATEWAYS = ["gateway_of_the_guide.AcmeGateway"]
    registry.gateways.cache_clear()
    yield registry.gateways()["acme"]
    registry.gateways.cache_clear()


@pytest.mark.django_db
def test_it_is_offered_with_its_own_fields(acme, client):
    sign_in_owner(client)
    assert 'href="?gateway=acme"' in client.get(reverse("admin:whatsapp_sender_add")).content.decode()
    form = client.get(reverse("admin:whatsapp_sender_add"), {"gateway": "acme"}).context["adminform"].form
    assert form.fields["new_key"].required
    assert "session_name" not in form.fields


@pytest.mark.django_db
@responses.activate
def test_the_class_of_the_guide_sends(acme):
    gateway = registry.gateway_for(make_sender(gateway="acme", base_url=URL, api_key="llave"))
    responses.get(f"{URL}/status", json={"ready": True})
    sent = responses.post(f"{URL}/send", json={"id": "A1B2C3D4"}, status=201)
    assert gateway.status().state is State.READY
    assert gateway.send(Message("+573000000001", "Hola")) == Accepted("A1B2C3D4", 201)
    assert sent.calls[0].request.headers["Authorization"] == "Bearer llave"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "said", "error"),
    [
        (503, {"error": "not_ready"}, NotSent),
        (503, {"error": "no"}, OutcomeUnknown),
        (500, {"error": "not_ready"}, OutcomeUnknown),
        (201, {"error": "no"}, OutcomeUnknown),
    ],
)
@responses.activate
def test_and_doubts_what_proves_nothing(acme, status, said, error):
    gateway = registry.gateway_for(make_sender(gateway="acme", base_url=URL))
    responses.post(f"{URL}/send", json=said, status=status)
    with pytest.raises(error) as caught:
        gateway.send(Message("+573000000001", "Hola"))
    assert type(caught.value) is error


@pytest.mark.django_db
@pytest.mark.parametrize("body", ["[]", "[1]", "3", "nada"])
@responses.activate
def test_its_state_is_told_whatever_comes_back(acme, body):
    responses.get(f"{URL}/status", body=body)
    assert registry.gateway_for(make_sender(gateway="acme", base_url=URL)).status().state is State.UNKNOWN
