"""What arrives: bug reports BR-040 to BR-053, with real campaigns, from the text to the gateway."""

import json
import re
from pathlib import Path

import pytest
from django.urls import reverse

from campaigns.enums import CampaignStatus
from campaigns.messages import _letter
from campaigns.models import Campaign, Delivery
from campaigns.values import clean_text
from tests.bug_reports.launching import LATER, announcement, prepared
from tests.campaigns.drafting import errors, save
from tests.campaigns.driving import run_until_idle
from tests.campaigns.pages import launch_page
from tests.factories import make_contact, make_event, make_lane, make_ticket
from tests.fakes import Clock, FakeGateway
from tests.tickets.lists import import_bytes, import_case
from tickets.models import Contact

pytestmark = pytest.mark.django_db

TEXTS = {
    case["id"]: case for case in json.loads((Path(__file__).parents[1] / "data" / "plantillas_casos.json").read_text())
}


CLOSING = re.compile(r"\n\n(?:-- \n)?¿No quieres más avisos\?.* http://localhost:8000/preferencias/[A-Za-z0-9]{28}/\Z")


def own(text):
    """What the author wrote, without the way to the preferences at the end, which every announcement has."""
    written, closings = CLOSING.subn("", text)
    assert closings == 1, text
    return written


def sent(people, body, **fields):
    """What the gateway got, by number."""
    make_lane()
    prepared(announcement(people, body=body, **fields))
    gateway = FakeGateway()
    run_until_idle(gateway, Clock(LATER))
    return {message.phone: own(message.text) for message in gateway.sent}


def one(body, **fields):
    (text,) = sent([make_contact(email="", **fields)], body).values()
    return text


# --- BR-040, BR-042, BR-052 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "said"), [("Cher", "Hola Cher"), ("  Cher ", "Hola Cher"), ("Prueba, Ana", "Hola Ana")]
)
def test_br_040_a_single_word_is_the_first_name(name, said):
    assert one("Hola {nombre}", name=name) == said


def test_br_040_an_empty_value_has_a_fallback_and_the_launch_page_counts_who_would_use_it(boss):
    people = [make_contact(email="", attributes={"mesa": mesa}) for mesa in ("7", "", "  ")]
    draft = announcement(people, body="Mesa {mesa|por asignar}")
    page = boss.get(launch_page(draft))
    assert page.context["plan"].numbers.count.total("fallback") == 2
    assert "por asignar" in page.content.decode()
    assert sorted(sent(people, draft.body).values()) == ["Mesa 7", "Mesa por asignar", "Mesa por asignar"]


@pytest.mark.parametrize("case", ["T2", "T3", "T4", "T5"])
def test_br_042_br_052_the_case_texts_that_cannot_be_filled_in_are_refused_when_they_are_saved(boss, case):
    draft = announcement([make_contact(email="")], body="Hola {nombre}")
    answer = save(boss, draft, body=TEXTS[case]["texto"])
    said = errors(answer)["body"][0]
    assert re.search(r"[{}]", said), said  # the offending piece is quoted
    draft.refresh_from_db()
    assert draft.body == "Hola {nombre}"


def test_br_052_a_draft_with_an_unknown_token_is_not_launched(boss):
    """However it came into the database, and the page names it."""
    draft = announcement([make_contact(email="")], body="Hola {first_name_of}")
    assert "first_name_of" in boss.get(launch_page(draft)).content.decode()
    boss.post(launch_page(draft), {"plan": "x"})
    draft.refresh_from_db()
    assert draft.status == CampaignStatus.DRAFT
    assert not Delivery.objects.exists()


def test_br_042_braces_in_a_value_are_plain_text():
    import_case("nombres_dificiles")
    texts = sent(Contact.objects.all(), "Hola {nombre_completo}, {apodo|amigo}")
    assert texts["+573000000002"] == "Hola Ana {nombre} Prueba, Ana"
    assert texts["+573000000003"] == "Hola Luis 100%s {}, Luis"


# --- BR-041, BR-044, BR-045, BR-051 -------------------------------------------------------------------------------


def test_br_041_br_044_br_045_br_051_the_case_file_of_difficult_names_arrives_as_it_is_written():
    """Each with their own name, no HTML codes, emoji in one piece, and right-to-left by itself."""
    import_case("nombres_dificiles")
    texts = sent(Contact.objects.all(), "Hola {nombre_completo}!")
    assert texts["+573000000001"] == "Hola María D'Angelo & Cía <b>!"
    assert texts["+573000000004"] == "Hola Carla 👩‍👩‍👧‍👦 🇨🇴 Muestra!"
    assert texts["+573000000007"] == "Hola Cher!"
    assert texts["+573000000009"] == "Hola \u2068أنا تجربة\u2069!"
    assert "+573000000006" not in texts  # three spaces are no name: that row was refused
    assert len(set(texts.values())) == len(texts) == 8


def test_br_044_an_email_escapes_in_its_html_and_nowhere_else(fixed_clock):
    person = make_contact(name="María D'Angelo & Cía <b>", phone="", email="maria@example.com")
    fields = {"channels": "email", "subject": "Para {nombre_completo}"}
    prepared(announcement([person], body="Hola {nombre_completo}", **fields))
    letter = _letter(Delivery.objects.get(), None)
    assert letter.subject == "Para María D'Angelo & Cía <b>"
    assert own(letter.text) == "Hola María D'Angelo & Cía <b>"
    assert "María D&#x27;Angelo &amp; Cía &lt;b&gt;" in letter.html
    assert "<b>" not in letter.html


def test_br_045_emoji_survive_saving_and_sending_and_half_a_sign_never_gets_that_far(boss):
    """Only a list in UTF-16 can bring a lone half: a browser cannot send one, and no database takes it."""
    import_bytes("nombre;telefono\nJosé\ud83d;3000000001\n".encode("utf-16-le", "surrogatepass"), country="CO")
    draft = announcement(Contact.objects.all(), body="Hola {nombre}")
    save(boss, draft, body="Avaliação 🎉🎊🥳 🇨🇴 {nombre}")
    draft.refresh_from_db()
    assert sent(Contact.objects.all(), draft.body) == {"+573000000001": "Avaliação 🎉🎊🥳 🇨🇴 José"}
    assert clean_text("fim \ud83d.") == "fim ."


def test_br_051_code_date_and_link_of_somebody_with_a_right_to_left_name_read_in_order(boss):
    make_lane()
    event = make_event(starts_at=LATER.replace(year=LATER.year + 1), attach_qr=False)
    ticket = make_ticket(event=event, holder=make_contact(name="أنا تجربة (2)", email=""))
    prepared(announcement([], kind="tickets", event=event, audience={"event_tickets": True}, body=BODY))
    gateway = FakeGateway()
    run_until_idle(gateway, Clock(LATER))
    (message,) = gateway.sent
    assert message.text.startswith("\u2068أنا\u2069 ")
    assert message.text.count("\u2068") == message.text.count("\u2069") == 2
    outside = re.sub("\u2068.*?\u2069", "", message.text)
    assert ticket.code in outside
    assert re.search(rf"\s{LINK}$", outside)
    page = boss.get(reverse("admin:tickets_contact_changelist")).content.decode()
    assert "أنا تجربة (2)" in page


BODY = "{nombre} {nombre_completo}: {codigo}, {fecha}\n{enlace}"
LINK = r"https?://[^\s?&]+/[\w-]+/?"


# --- BR-046 to BR-050 ---------------------------------------------------------------------------------------------


def test_br_046_br_047_the_long_case_text_is_stopped_before_it_leaves_with_count_and_person(boss):
    body = TEXTS["T8"]["texto"]
    person = make_contact(name="Anastasia Larga", email="")
    body = body if len(body) > 4_096 else body + " x" * 2_100
    draft = announcement([person], body=body)
    page = boss.get(launch_page(draft))
    assert [name for name, _numbers in page.context["plan"].numbers.too_long] == ["Anastasia Larga"]
    assert "Anastasia Larga" in page.content.decode()
    assert not Delivery.objects.exists()


def test_br_048_the_case_text_arrives_with_real_breaks_once(boss):
    draft = announcement([make_contact(email="")], body="x")
    save(boss, draft, body=TEXTS["T6"]["texto"])
    draft.refresh_from_db()
    (text,) = sent([make_contact(email="")], draft.body).values()
    assert text == "Línea 1\nLínea 2\n\n*Importante*"


def test_br_048_a_value_with_a_break_is_one_line():
    assert one("Nota: {nota}.", attributes={"nota": "uno\r\ndos\ntres"}) == "Nota: uno dos tres."


def test_br_050_the_link_of_the_case_text_arrives_whole(fixed_clock):
    body = TEXTS["T7"]["texto"]
    assert one(body) == body
    person = make_contact(phone="", email="ana@example.com")
    prepared(announcement([person], body=body, channels="email", subject="x"))
    letter = _letter(Delivery.objects.latest("pk"), None)
    assert 'href="https://example.com/e?a=1&amp;b=2"' in letter.html
    assert "b=2</a>. ¡Te esperamos!" in letter.html


def test_br_050_the_link_of_a_ticket_is_a_path_with_room_on_both_sides(fixed_clock):
    make_lane()
    event = make_event(starts_at=LATER.replace(year=LATER.year + 1), attach_qr=False)
    make_ticket(event=event, holder=make_contact(email=""))
    prepared(announcement([], kind="tickets", event=event, audience={"event_tickets": True}, body=event.ticket_text))
    gateway = FakeGateway()
    run_until_idle(gateway, Clock(LATER))
    (message,) = gateway.sent
    assert re.search(rf"(?:^|\s){LINK}(?:\s|$)", message.text)


# --- BR-053 -------------------------------------------------------------------------------------------------------


def test_br_053_who_is_edited_after_the_launch_gets_what_was_launched(boss):
    make_lane()
    person = make_contact(name="Ana Prueba", phone="+573000000001", email="")
    prepared(announcement([person], body="Hola {nombre}"))
    form = {"name": "Otra Cosa", "nickname": "", "phone": "+573000000002", "language": "es", "attributes": ""}
    boss.post(reverse("admin:tickets_contact_change", args=[person.pk]), form)
    person.refresh_from_db()
    assert person.name == "Otra Cosa"
    gateway = FakeGateway()
    run_until_idle(gateway, Clock(LATER))
    assert [(message.phone, own(message.text)) for message in gateway.sent] == [("+573000000001", "Hola Ana")]
    assert Campaign.objects.get().audience == {"contacts": [person.pk]}
