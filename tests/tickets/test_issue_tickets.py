import io

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import translation

from tests.factories import make_contact, make_event, make_tag
from tickets.issuing import issue_tickets
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def run(*arguments):
    out = io.StringIO()
    call_command("issue_tickets", *arguments, stdout=out)
    return out.getvalue()


def refusal(*arguments):
    with pytest.raises(CommandError) as raised:
        run(*arguments)
    assert raised.value.returncode == 1
    return str(raised.value)


def test_everybody_gets_a_ticket():
    event = make_event(name="Concierto", slug="concierto")
    make_contact()
    make_contact()

    assert run("--event", "concierto", "--all") == "Tickets of “Concierto”: 2 issued, 0 existed already.\n"
    assert event.tickets.count() == 2


def test_whoever_has_the_tag_gets_a_ticket():
    event, tag = make_event(slug="concierto"), make_tag("Prensa")
    invited = make_contact(tags=(tag,))
    make_contact()

    run("--event", "concierto", "--tag", "prensa", "--type", " VIP ")

    assert [(ticket.holder, ticket.type) for ticket in event.tickets.all()] == [(invited, "VIP")]


def test_repeating_issues_nothing_twice():
    event = make_event(name="Concierto", slug="concierto")
    issue_tickets(event, [make_contact()])

    assert run("--event", "concierto", "--all") == "Tickets of “Concierto”: 0 issued, 1 existed already.\n"


def test_a_full_event_is_refused_with_the_numbers():
    make_event(slug="concierto", capacity=1)
    make_contact()
    make_contact()

    assert "0 places are taken and 2 more are needed" in refusal("--event", "concierto", "--all")
    assert Ticket.objects.count() == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--event", "nada", "--all"], "There is no event with the short name “nada”."),
        (["--event", "pasado", "--all"], "“Pasado” is not active. Activate it first."),
        (["--event", "concierto"], "Say who gets a ticket: either --tag NAME or --all."),
        (["--event", "concierto", "--all", "--tag", "Prensa"], "Say who gets a ticket: either --tag NAME or --all."),
        (["--event", "concierto", "--tag", "nadie"], "There is no tag called “nadie”."),
        (["--event", "concierto", "--tag", "Prensa"], "There is nobody to issue tickets to."),
        (["--event", "concierto", "--all", "--type", " "], "The type needs a name of 1 to 60 characters on one line."),
        (["--event", "concierto", "--all", "--type", "x" * 61], "The type needs a name of 1 to 60 characters"),
        (["--event", "concierto", "--all", "--type", "a\nb"], "The type needs a name of 1 to 60 characters"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_reason(arguments, sentence):
    make_event(slug="concierto")
    make_event(name="Pasado", slug="pasado", is_active=False)
    make_tag("Prensa")
    make_contact()

    assert refusal(*arguments).startswith(sentence)
    assert Ticket.objects.count() == 0


def test_two_tags_that_differ_only_in_capitals_are_told_apart():
    event, loud, quiet = make_event(slug="concierto"), make_tag("VIP"), make_tag("vip")
    make_contact(tags=(loud,))
    invited = make_contact(tags=(quiet,))

    run("--event", "concierto", "--tag", "vip")

    assert [ticket.holder for ticket in event.tickets.all()] == [invited]
    assert refusal("--event", "concierto", "--tag", "Vip") == "There is no tag called “Vip”."


def test_each_person_can_have_several_of_a_type_of_the_event():
    event = make_event(name="Concierto", slug="concierto")
    event.types.create(name="Palco", capacity=4)
    make_contact()
    make_contact()

    assert "4 issued, 0 existed" in run("--event", "concierto", "--all", "--each", "2")
    assert "0 issued, 4 existed" in run("--event", "concierto", "--all", "--each", "2", "--type", "palco")
    assert refusal("--event", "concierto", "--all", "--each", "3").startswith(
        "The type “Palco” of “Concierto” has room"
    )
    assert set(event.tickets.values_list("type", flat=True)) == {"Palco"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--type", "VIP"], "“Concierto” has no tickets of the type “VIP”. Choose one of these: Palco, Platea."),
        ([], "“Concierto” has several types of tickets. Choose one of them: Palco, Platea."),
        (["--type", "Palco", "--each", "11"], "Each person can have 1 to 10 tickets."),
        (["--type", "Palco", "--each", "0"], "Each person can have 1 to 10 tickets."),
    ],
)
def test_a_type_that_the_event_has_not_is_refused(arguments, sentence):
    event = make_event(name="Concierto", slug="concierto")
    event.types.create(name="Palco")
    event.types.create(name="Platea")
    make_contact()

    assert refusal("--event", "concierto", "--all", *arguments) == sentence
    assert Ticket.objects.count() == 0
