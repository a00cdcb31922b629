"""The page that shows what arrived."""

import re

import pytest
import requests

from tests.simulator import Simulator
from whatsapp.gateways.base import Connection, Message, Picture
from whatsapp.gateways.rest import RestGateway
from whatsapp.simulator.options import PROFILES

pytestmark = pytest.mark.processes


def page_of(simulator: Simulator, query: str = "lang=en") -> requests.Response:
    return requests.get(f"{simulator.url}/?{query}", headers={"Accept": "text/html"}, timeout=20)


def send(simulator: Simulator, text: str, phone: str = "+573000000001", picture: Picture | None = None) -> None:
    RestGateway(Connection(simulator.url)).send(Message(phone, text, picture))


def press(simulator: Simulator, path: str, **fields: str) -> requests.Response:
    address = f"{simulator.url}/_simulator/{path}?lang=en"
    return requests.post(address, data=fields or {"x": "1"}, headers={"Origin": simulator.url}, timeout=20)


def test_empty_inbox(simulator):
    page = page_of(simulator)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "Nothing has arrived yet" in page.text


def test_programs_get_json_at_the_root(simulator):
    answer = requests.get(simulator.url, headers={"Accept": "application/json"}, timeout=20)
    assert answer.json() == {"service": "WhatsApp API Service", "status": "ready"}


def test_text_is_shown_and_does_nothing(simulator):
    send(simulator, "<script>alert(1)</script> & <img src=x onerror=y> https://entradas.example/t/1")
    page = page_of(simulator).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;img src=x onerror=y&gt;" in page
    assert '<a href="https://entradas.example/t/1"' in page
    assert "+57 300 0000001" in page


def test_page_has_no_script_and_no_style_of_its_own(simulator):
    send(simulator, "Hola", picture=Picture(b"\x89PNG"))
    page = page_of(simulator).text
    assert re.findall(r"<script|<style|style=|\son\w+=|javascript:", page) == []


def test_policy_allows_nothing_from_elsewhere(simulator):
    policy = page_of(simulator).headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'")


def test_everything_that_the_page_names_is_there(simulator):
    send(simulator, "Hola", picture=Picture(b"\x89PNG"))
    page = page_of(simulator).text
    named = set(re.findall(r'(?:href|src)="(/[^"]*)"', page))
    assert {requests.get(simulator.url + path.replace("&amp;", "&"), timeout=20).status_code for path in named} == {200}
    assert "/_simulator/media?number=1" in named
    assert "/_simulator/inbox.css" in named


def test_picture_cannot_become_a_page(simulator):
    send(simulator, "Hola", picture=Picture(b"<html><script>alert(1)</script>", "image/png"))
    answer = requests.get(f"{simulator.url}/_simulator/media?number=1", timeout=20)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize("number", ["", "7", "-1", "x", "٣", "9" * 50])
def test_picture_that_is_not_there(simulator, number):
    assert requests.get(f"{simulator.url}/_simulator/media?number={number}", timeout=20).status_code == 404


def test_newest_chat_is_first_and_older_bubbles_are_counted(simulator):
    for number in range(1, 9):
        send(simulator, f"Aviso {number}", "+573000000001")
    send(simulator, "Hola", "+34612345678")
    page = page_of(simulator).text
    assert page.index("+34 612 34 56 78") < page.index("+57 300 0000001")
    assert "2 earlier messages" in page
    assert ("Aviso 2<" in page, "Aviso 3<" in page) == (False, True)


def test_languages(simulator):
    assert '<html lang="es">' in page_of(simulator, "").text
    assert '<html lang="en">' in page_of(simulator, "lang=en").text
    assert '<html lang="es">' in page_of(simulator, "lang=<x>").text


def test_page_reloads_itself_unless_held_still(simulator):
    assert 'http-equiv="refresh"' in page_of(simulator).text
    assert 'http-equiv="refresh"' not in page_of(simulator, "lang=en&still=1").text


@pytest.mark.parametrize("profile", PROFILES)
def test_button_for_each_profile(simulator, profile):
    assert f'name="profile" value="{profile}"' in page_of(simulator).text
    page = press(simulator, "profile", profile=profile)
    assert page.history[0].status_code == 303
    assert simulator.state()["profile"] == profile


def test_chosen_profile_is_marked(simulator):
    simulator.profile("flaky")
    chosen = re.findall(r'value="([\w-]+)"[^>]*aria-pressed="true"', page_of(simulator).text)
    assert chosen == ["flaky"]


def test_button_empties_it(simulator):
    send(simulator, "Hola")
    press(simulator, "reset")
    assert simulator.messages() == []


def test_button_scans_the_code_while_one_is_wanted(simulator):
    assert "/_simulator/scan" not in page_of(simulator).text
    simulator.profile("asks-for-qr")
    assert "/_simulator/scan" in page_of(simulator).text
    press(simulator, "scan")
    assert (simulator.state()["ready"], "/_simulator/scan" in page_of(simulator).text) == (True, False)


def test_receipts_are_counted_where_they_are_posted_and_their_secret_is_hidden(simulator):
    assert "Receipts" not in page_of(simulator).text
    simulator.profile("steady", receipts_to="http://127.0.0.1:9/hooks/clave-secreta/", receipts_header="X-Key: clave")
    page = page_of(simulator).text
    assert ("They are posted to http://127.0.0.1:9/…" in page, "clave" in page) == (True, False)
    assert "clave" not in str(simulator.state())


def test_button_restarts_it(simulator):
    simulator.profile("not-ready", restart_seconds=0)
    press(simulator, "restart")
    assert simulator.state()["ready"] is True
