"""The page of a door in a browser: camera, typing, verdicts, and a night with bad network."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import QUIET, chromium_program
from tests.browser.looking import SIZES, findings, listen, troubles
from tests.factories import make_contact
from tests.tickets.door_scene import TOKEN, Phone, make_access, make_night, make_pass
from tickets.codes import parse_code
from tickets.door_list import key_of
from tickets.models import CheckIn
from tickets.qr import public_link, ticket_qr

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WITHOUT_NETWORK = "net::ERR_INTERNET_DISCONNECTED"
WIDTH, HEIGHT, PER_SECOND = 640, 480, 4  # of the picture that the fake camera shows
SHOWN, AWAY = 6, 14  # pictures with the QR, and long enough without it to count as another scan
# Reads a QR as browsers with a detector of their own do: one that is held in front of the camera all the time.
DETECTOR = """globalThis.BarcodeDetector = class {
    static async getSupportedFormats() { return ["ean_13", "qr_code"]; }
    async detect() { return [{ rawValue: "%s" }]; }
};"""
KEPT = """async () => {
    const db = await new Promise((resolve) => { const r = indexedDB.open("pregonero-door"); r.onsuccess = () => resolve(r.result); });
    const rows = (name) => new Promise((resolve) => { const r = db.transaction(name).objectStore(name).getAll(); r.onsuccess = () => resolve(r.result); });
    const kept = await Promise.all([...db.objectStoreNames].map(rows));
    const pages = [];
    for (const name of await caches.keys()) {
        for (const request of await (await caches.open(name)).keys()) pages.push(await (await caches.match(request)).text());
    }
    return { rows: kept.flat().length, files: pages.length, text: JSON.stringify([kept, pages, localStorage]) };
}"""


KEEP_ERROR = """slug => new Promise((resolve) => {
    const r = indexedDB.open("pregonero-door");
    const conflict = { nonce: "~", slug, at: new Date().toISOString(), gate: "Sur", let_in: 1, reason: "error" };
    r.onsuccess = () => { r.result.transaction("conflicts", "readwrite").objectStore("conflicts").put(conflict).onsuccess = resolve; };
})"""


@pytest.fixture
def night(live_server):
    """An event that starts in an hour, with its doors open."""
    return make_night(starts_at=timezone.now() + timedelta(hours=1))


@pytest.fixture
def ana(night):
    return make_pass(night, holder=make_contact(name="Ana Prueba"))


def of_door(live_server, night):
    return live_server.url + reverse("tickets:door", args=[night.slug])


def signed_in(browser, live_server, *, size="phone", **options):
    """A context of somebody who may do everything at the door."""
    client = Client()
    client.force_login(User.objects.create_superuser("jefa", email="jefa@example.org"))
    context = browser.new_context(viewport=SIZES[size], locale="es-CO", timezone_id="Europe/Madrid", **options)
    session = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    return context


@pytest.fixture
def phone(chromium, live_server):
    context = signed_in(chromium, live_server)
    yield context
    context.close()


def opened(context, address):
    page = context.new_page()
    listen(page)
    page.set_default_timeout(15_000)
    page.goto(address)
    return ready(page)


def ready(page):
    """When the page knows its list and, with network, has put itself away for later."""
    page.wait_for_selector("html[data-ready]")
    return page


def complaints(page):
    """All but the browser's own words for a network that is not there."""
    return [text for text in page.complaints if WITHOUT_NETWORK not in text]


def type_code(page, code):
    page.fill("#d-code", code)
    page.press("#d-code", "Enter")


def shows(page, outcome):
    verdict = page.locator(".d-verdict:not([hidden])")
    expect(verdict).to_have_attribute("data-outcome", outcome)
    return verdict


def checked(page, code, outcome):
    """The words of the verdict for a typed code, which is closed again."""
    type_code(page, code)
    words = shows(page, outcome).inner_text()
    page.keyboard.press("Escape")
    expect(page.locator(".d-verdict")).to_be_hidden()
    return words


def film(ticket, path):
    """What a camera sees when somebody shows a ticket, takes it away and shows it again: frames in shades of grey."""
    blank = Image.new("L", (WIDTH, HEIGHT), 70)
    held = blank.copy()
    qr = Image.open(BytesIO(ticket_qr(ticket))).convert("L").resize((300, 300)).rotate(8, fillcolor=70)
    held.paste(qr, (170, 90))
    colourless = bytes([128]) * (WIDTH * HEIGHT // 2)
    frames = [held.tobytes()] * SHOWN + [blank.tobytes()] * AWAY
    head = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{PER_SECOND}:1 Ip A1:1 C420jpeg\n".encode()
    path.write_bytes(head + b"".join(b"FRAME\n" + frame + colourless for frame in frames))
    return path


@pytest.fixture
def camera(chromium, live_server, ana, tmp_path):
    """A phone whose camera sees the ticket of Ana again and again."""
    path = film(ana, tmp_path / "camera.y4m")
    fake = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    browser = chromium.browser_type.launch(
        executable_path=chromium_program(), args=[*QUIET, *fake, f"--use-file-for-fake-video-capture={path}"]
    )
    yield signed_in(browser, live_server)
    browser.close()


def test_a_camera_reads_a_ticket_and_then_again(camera, live_server, night, ana):
    page = opened(camera, of_door(live_server, night))
    assert "Ana Prueba" in shows(page, "good").inner_text()
    shows(page, "already_inside")
    assert sorted(CheckIn.objects.values_list("ticket", "result", "admitted")) == [
        (ana.pk, "good", 1),
        (ana.pk, "refused", 0),
    ]
    assert page.complaints == []


def test_the_detector_of_the_browser_is_used_and_a_qr_that_is_held_counts_once(camera, live_server, night, ana):
    camera.add_init_script(DETECTOR % public_link(ana))
    asked = []
    # By the page: its worker puts the decoder away for any browser.
    camera.on("request", lambda request: request.service_worker or asked.append(request.url))
    page = opened(camera, of_door(live_server, night))
    shows(page, "good")
    page.click("[data-do=next]")
    page.wait_for_timeout(500)  # some pictures more
    expect(page.locator(".d-verdict")).to_be_hidden()
    assert CheckIn.objects.count() == 1
    assert [url for url in asked if "vendor/qr" in url] == []
    assert page.complaints == []


def test_codes_are_typed_companions_follow_and_an_entry_is_taken_back(phone, live_server, night):
    family = make_pass(night, companions=3, holder=make_contact(name="Familia Ejemplo"))
    page = opened(phone, of_door(live_server, night))
    expect(page.locator("[data-show=camera]")).not_to_be_empty()  # no camera here, said in a sentence
    type_code(page, "hola")
    expect(page.locator("#d-code-wrong")).not_to_be_empty()
    assert page.input_value("#d-code") == "hola"

    type_code(page, family.code.lower().replace("-", " "))
    verdict = shows(page, "good")
    assert "1 de 4" in verdict.inner_text()
    page.click("[data-do=fewer]")
    page.click("[data-do=let-in]")
    expect(verdict.locator("[data-show=people]")).to_have_text("3 de 4 dentro")
    page.keyboard.press("Escape")
    expect(page.locator("[data-show=inside]")).to_have_text("3")

    page.locator("[data-show=last] button").first.click()
    page.click("[data-ask=undo] [value=yes]")  # a reason is asked for
    page.fill("#d-reason", "Se equivocó de fila")
    page.press("#d-reason", "Enter")
    expect(page.locator("[data-show=inside]")).to_have_text("1")
    family.refresh_from_db()
    assert family.people_inside == 1
    assert CheckIn.objects.get(admitted=2).undo_reason == "Se equivocó de fila"
    assert page.complaints == []


def test_a_night_without_network_loses_nothing_and_counts_once(phone, live_server, night, ana):
    late = make_pass(night, holder=make_contact(name="Beto Prueba"))
    family = make_pass(night, companions=3)
    page = opened(phone, of_door(live_server, night))
    page.wait_for_selector("html[data-kept=yes]")
    phone.set_offline(True)
    page.reload()
    ready(page)
    expect(page.locator("[data-show=state]")).to_have_attribute("data-online", "no")

    began = timezone.now()
    assert "sin red" in checked(page, ana.code, "good")
    words = checked(page, ana.code, "already_inside")
    hours = {moment.astimezone(night.timezone).strftime(" %H:") for moment in (began, timezone.now())}
    assert any(hour in words for hour in hours)  # where the event is: the clock of this phone stands elsewhere
    checked(page, "ZZZZ-9999", "unknown")
    type_code(page, family.code)
    shows(page, "good")
    page.click("[data-do=let-in]")
    expect(page.locator(".d-verdict [data-show=people]")).to_have_text("4 de 4 dentro")
    page.keyboard.press("Escape")
    Phone(night, signed_in_elsewhere()).scan(late.code, gate="Sur")
    checked(page, late.code, "good")
    assert CheckIn.objects.count() == 1

    page.close()  # with six scans that nobody knows of
    page = opened(phone, of_door(live_server, night))
    expect(page.locator("[data-show=network]")).to_contain_text("6")
    kept = page.evaluate(KEPT)
    assert kept["rows"] > 6
    assert not [name for name in ("Ana Prueba", ana.code, ana.token, ana.holder.phone) if name in kept["text"]]

    phone.set_offline(False)
    expect(page.locator("[data-show=state]")).to_have_attribute("data-online", "yes")
    expect(page.locator("[data-show=network]")).not_to_contain_text("6")  # beside it stands the hour of the list
    conflict = page.locator("[data-show=conflicts] li")
    expect(conflict).to_contain_text("Beto Prueba")
    reported = CheckIn.objects.exclude(received_at=None)
    assert set(reported.values_list("ticket", "admitted", "reason", "let_in_offline")) == {
        (ana.pk, 1, "", 1),
        (ana.pk, 0, "already_inside", 0),
        (None, 0, "unknown", 0),
        (family.pk, 1, "", 1),
        (family.pk, 3, "", 3),
        (late.pk, 0, "already_inside", 1),
    }
    page.evaluate(KEEP_ERROR, night.slug)
    page.reload()
    ready(page)
    expect(conflict).to_have_count(2)  # without the name, which was on the screen only
    expect(conflict.last).to_contain_text("Avise a la organización")
    conflict.last.locator("button").click()
    expect(conflict).to_have_count(1)
    conflict.locator("button").click()
    expect(conflict).to_have_count(0)
    assert CheckIn.objects.count() == 7
    assert complaints(page) == []


def signed_in_elsewhere():
    client = Client()
    client.force_login(User.objects.get())
    return client


def test_an_answer_that_got_lost_is_asked_for_again_and_counts_once(phone, live_server, night, ana):
    page = opened(phone, of_door(live_server, night))
    held = []

    def swallow(route):
        route.fetch()  # the server hears it; the phone never gets the answer
        held.append(route)

    page.route("**/entrada/", swallow)
    type_code(page, ana.code)
    expect(page.locator("[data-show=checking]")).to_be_visible()
    assert "sin red" in shows(page, "good").inner_text()
    expect(page.locator("[data-show=checking]")).to_be_hidden()
    page.keyboard.press("Escape")
    assert CheckIn.objects.count() == 1
    page.unroute("**/entrada/")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("[data-show=state]")).to_have_attribute("data-online", "yes")
    expect(page.locator("[data-show=last] li")).to_contain_text("Ana Prueba")
    ana.refresh_from_db()
    assert (ana.people_inside, CheckIn.objects.count()) == (1, 1)
    assert len(held) == 1


def test_a_phone_without_a_list_tells_whom_it_sent_away_and_the_server_takes_them_back(phone, live_server, night, ana):
    """The server let Ana in, and its answer got lost; the phone has nothing to judge her by."""
    page = phone.new_page()
    no = {"error": "closed", "sentence": "La lista no está."}
    page.route("**/lista.json", lambda route: route.fulfill(status=403, json=no))

    def swallow(route):
        route.fetch()
        route.abort("internetdisconnected")

    page.route("**/entrada/", swallow)
    listen(page)
    page.goto(of_door(live_server, night))
    ready(page)
    checked(page, ana.code, "no_list")
    assert CheckIn.objects.get().undone_at is None
    page.unroute_all()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("[data-show=list]")).to_contain_text(":")  # the list is there, so all was told
    row = page.locator("[data-show=last] li")
    expect(row).to_have_attribute("data-outcome", "no_list")
    expect(row.locator("button")).to_have_count(0)  # she is outside already
    checkin = CheckIn.objects.get()
    assert (checkin.result, checkin.let_in_offline, checkin.undone_at is None) == ("good", 0, False)
    ana.refresh_from_db()
    assert ana.people_inside == 0
    assert [text for text in complaints(page) if "403" not in text] == []


def test_who_leaves_with_scans_is_warned_and_who_leaves_takes_nothing_along(chromium, live_server, night, ana):
    make_access(night)
    context = chromium.new_context(viewport=SIZES["phone"], locale="es-CO")
    page = opened_by_link(context, live_server)
    page.wait_for_selector("html[data-kept=yes]")
    context.set_offline(True)
    checked(page, ana.code, "good")
    page.click("summary")
    page.click("form[data-do=leave] button")
    expect(page.locator("[data-ask=leave]")).to_be_visible()
    page.click("[data-ask=leave] [value=no]")
    context.set_offline(False)
    expect(page.locator("[data-show=last] li")).to_contain_text("Ana Prueba")
    checkin = CheckIn.objects.get()
    assert (checkin.access.name, checkin.gate, checkin.admitted) == ("Juan Prueba", "Norte", 1)
    page.click("form[data-do=leave] button")
    page.wait_for_url("**/puerta/?*")
    kept = page.evaluate(KEPT)
    assert (kept["rows"], kept["files"]) == (0, 0)
    assert complaints(page) == []
    context.close()


def test_after_the_hours_of_a_link_a_closed_tab_still_sends_and_the_next_person_has_a_gate_of_their_own(
    chromium, live_server, night, ana
):
    access = make_access(night)
    context = chromium.new_context(viewport=SIZES["phone"], locale="es-CO")
    page = opened_by_link(context, live_server)
    page.wait_for_selector("html[data-kept=yes]")
    page.click("summary")
    page.fill("#d-gate", "Sur")
    context.set_offline(True)
    checked(page, ana.code, "good")
    page.close()
    hours = {"closes_at": timezone.now() - timedelta(minutes=1), "opens_at": timezone.now() - timedelta(hours=9)}
    type(access).objects.update(**hours)
    context.set_offline(False)
    page = opened(context, of_door(live_server, night))
    expect(page.locator("[data-show=stopped]")).to_contain_text("horario")
    expect(page.locator("[data-show=state]")).not_to_contain_text(re.compile(r"\b1\s\w"))  # nothing waits any more
    assert list(CheckIn.objects.values_list("gate", "admitted")) == [("Sur", 1)]

    make_access(night, token="B" * 22, name="Rosa Ejemplo", gate="Este")
    page.wait_for_load_state("networkidle")  # an answer to the session of before would take the new one's cookie away
    page.close()
    page = opened_by_link(context, live_server, "B" * 22)
    expect(page.locator("[data-show=gate]")).to_have_text("Este")
    assert complaints(page) == []
    context.close()


def opened_by_link(context, live_server, token=TOKEN):
    page = context.new_page()
    listen(page)
    page.set_default_timeout(15_000)
    page.goto(live_server.url + reverse("tickets:door_key", args=[token]))
    page.click("main form button")
    return ready(page)


def test_the_phone_reads_what_the_server_reads(phone, live_server, night, ana):
    page = opened(phone, of_door(live_server, night))
    typed = [
        "k7md4qxt",
        " K7MD–4QXT ",
        "k7md.4qxt",
        "K7MD_4QXT",
        "Ｋ7MD4QXT",
        "K7MD4QX0",
        "K7MD4QX",
        "",
        "K7MD4QXTT",
        "İ7MD4QXT",
    ]
    codes = "import(document.querySelector('[data-module=codes]').href)"
    assert page.evaluate(f"async (typed) => typed.map((await {codes}).codeIn)", typed) == [parse_code(t) for t in typed]
    texts = [public_link(ana), f"{public_link(ana)}?a=1", ana.token, "https://example.org/t/abc/", "hola"]
    assert page.evaluate(f"async (texts) => texts.map((await {codes}).tokenIn)", texts) == [ana.token] * 3 + [None] * 2
    assert page.evaluate(f"async ([salt, text]) => (await {codes}).keyOf(salt, text)", ["5a17", ana.code]) == key_of(
        "5a17", ana.code
    )


def test_it_suits_everybody_by_day_and_by_night(phone, live_server, night, ana):
    make_pass(night, companions=2, code="GGGG-3333")
    page = opened(phone, of_door(live_server, night))
    checked(page, ana.code, "good")
    checked(page, ana.code, "already_inside")
    page.click("summary")
    assert troubles(page) == {}
    page.evaluate("scrollTo(0, 0)")
    type_code(page, "GGGG-3333")
    shows(page, "good")
    assert findings(page) == []
    outcomes = page.evaluate("[...document.querySelectorAll('symbol')].map((sign) => sign.id.slice(2))")
    for outcome in outcomes:  # each has a colour of its own
        page.evaluate("(outcome) => { document.querySelector('.d-verdict').dataset.outcome = outcome; }", outcome)
        assert findings(page, only="color-contrast") == [], outcome
