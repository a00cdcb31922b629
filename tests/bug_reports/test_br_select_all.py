"""“Select all” in long lists: bug reports BR-145, BR-146 and BR-152, for every action of every list."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse
from django_q.models import Failure, OrmQ, Success, Task

from campaigns.models import Campaign
from config.admin import tasks as tasks_admin
from tests.campaigns.pages import said
from tests.factories import NOW, make_contact, make_event, make_tag
from tickets.models import Contact, Event, HistoryEntry, Segment, Tag, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

ROWS, SHOWN = 2000, 50  # the reports speak of 5,000; more than any page or batch holds are 2,000 too
# Far fewer than rows; not a handful, since SQLite takes only so many values in one statement.
MOST_QUERIES = 400


def people():
    Contact.objects.bulk_create(Contact(name=f"Persona {n}", phone=f"+57301{n:07d}") for n in range(ROWS))


def tickets():
    event, holder = make_event(), make_contact()
    Ticket.objects.bulk_create(
        Ticket(event=event, holder=holder, number=n, code=f"MUCHAS-{n:05d}", token=f"token-{n:032d}")
        for n in range(1, ROWS + 1)
    )


def tags():
    Tag.objects.bulk_create(Tag(name=f"Grupo {n}") for n in range(ROWS))
    links = Contact.tags.through
    links.objects.bulk_create(links(contact=make_contact(), tag=tag) for tag in Tag.objects.all()[:3])


def segments():
    people()
    Segment.objects.bulk_create(Segment(name=f"Segmento {n}", rules={"language": "es"}) for n in range(ROWS))


def events():
    like = {"venue": "Teatro Prueba", "starts_at": NOW, "ends_at": NOW}
    Event.objects.bulk_create(Event(name=f"Noche {n}", slug=f"noche-{n}", **like) for n in range(ROWS))


def tasks(*, success):
    like = {"func": "campaigns.tasks.tick", "started": NOW, "stopped": NOW, "success": success}
    Task.objects.bulk_create(Task(id=f"{n:032x}", name=f"tarea {n}", args=(n % 50,), **like) for n in range(ROWS))


def queue():
    OrmQ.objects.bulk_create(OrmQ(key="pregonero", payload="", lock=NOW) for _ in range(ROWS))


def all_have_the_tag(choice):
    assert choice["tag"].contacts.count() == ROWS


def nobody_has_the_tag(choice):
    assert (choice["tag"].contacts.count(), Contact.objects.count()) == (0, ROWS)


def all_have_a_ticket(choice):
    assert Ticket.objects.filter(event=choice["event"]).values("holder").distinct().count() == ROWS


def nobody_has_a_ticket(choice):
    assert Ticket.objects.filter(event=choice["event"]).count() == 0


def three_have_a_ticket(choice):
    assert Ticket.objects.filter(event=choice["event"]).count() == 3


def all_are_void(choice):
    voided = set(Ticket.objects.filter(status="voided").values_list("pk", flat=True))
    written = HistoryEntry.objects.filter(action="voided").values_list("object_id", flat=True)
    assert (len(voided), {int(pk) for pk in written}, len(written)) == (ROWS, voided, ROWS)


def all_are(status, action):
    def check(choice):
        rows = set(Ticket.objects.filter(status=status, status_reason="Falta el pago").values_list("pk", flat=True))
        written = HistoryEntry.objects.filter(action=action, sentence="Falta el pago")
        assert (len(rows), {int(pk) for pk in written.values_list("object_id", flat=True)}) == (ROWS, rows)

    return check


def all_are_new(choice):
    assert Ticket.objects.filter(status="replaced").count() == ROWS
    assert Ticket.objects.filter(status="valid", replaces__status="replaced").values("code").distinct().count() == ROWS
    assert HistoryEntry.objects.filter(action="reissued").values("object_id").distinct().count() == 2 * ROWS


def blocked_tickets():
    tickets()
    Ticket.objects.update(status="blocked")


def one_draft(part):
    def check(choice):
        assert len(Campaign.objects.get().audience[part]) == ROWS

    return check


def no_draft(choice):
    assert not Campaign.objects.exists()


def nothing_left(model):
    def check(choice):
        assert not model.objects.exists()

    return check


def each_work_is_queued_once(choice):
    assert OrmQ.objects.count() == 50


@dataclass(frozen=True)
class Case:
    """`fill` makes the rows, `end` looks at what came of it; `choice` is what the form of the action is filled in with."""

    fill: Callable[[], Any]
    end: Callable[[dict[str, Any]], None]
    says: str = ""
    choice: Callable[[], dict[str, Any]] = dict


def a_tag():
    return {"tag": make_tag("Gala")}


def a_tag_of_all():
    links, tag = Contact.tags.through, make_tag("Gala")
    links.objects.bulk_create(links(contact_id=pk, tag=tag) for pk in Contact.objects.values_list("pk", flat=True))
    return {"tag": tag}


def an_event():
    return {"event": make_event(), "type": "General", "companions": 0}


def a_reason():
    return {"reason": "Falta el pago"}


TOO_MANY = f"You chose {ROWS} segments. Choose at most 100 at once."
CASES = {
    ("contact", "add_tag_action"): Case(people, all_have_the_tag, f"{ROWS} people got the tag", a_tag),
    ("contact", "remove_tag_action"): Case(people, nobody_has_the_tag, f"{ROWS} people lost the tag", a_tag_of_all),
    ("contact", "issue_action"): Case(people, all_have_a_ticket, f"{ROWS} tickets were issued", an_event),
    ("contact", "merge_action"): Case(people, no_draft, "Tick exactly two people"),
    ("contact", "export_action"): Case(people, no_draft),
    ("contact", "new_announcement"): Case(people, one_draft("contacts")),
    ("ticket", "void_action"): Case(tickets, all_are_void, f"{ROWS} tickets are void now"),
    ("ticket", "block_action"): Case(
        tickets, all_are("blocked", "blocked"), f"{ROWS} tickets are blocked now", a_reason
    ),
    ("ticket", "unblock_action"): Case(
        blocked_tickets, all_are("valid", "unblocked"), f"{ROWS} tickets are valid again", a_reason
    ),
    ("ticket", "reissue_action"): Case(tickets, all_are_new, f"{ROWS} tickets were issued anew"),
    ("ticket", "send_tickets"): Case(tickets, one_draft("tickets")),
    ("segment", "tag_people_action"): Case(segments, nobody_has_the_tag, TOO_MANY, a_tag),
    ("segment", "untag_people_action"): Case(segments, all_have_the_tag, TOO_MANY, a_tag_of_all),
    ("segment", "issue_action"): Case(segments, nobody_has_a_ticket, TOO_MANY, an_event),
    ("tag", "issue_action"): Case(tags, three_have_a_ticket, "3 tickets were issued", an_event),
    ("tag", "new_announcement"): Case(tags, one_draft("tags")),
    ("event", "send_tickets"): Case(events, no_draft, f"You chose {ROWS} events. Choose at most 20 at once."),
    ("success", "run_again"): Case(lambda: tasks(success=True), each_work_is_queued_once, "50 tasks wait"),
    ("success", "delete_selected"): Case(lambda: tasks(success=True), nothing_left(Success), f"{ROWS} entries"),
    ("failure", "run_again"): Case(lambda: tasks(success=False), each_work_is_queued_once, "50 tasks wait"),
    ("failure", "delete_selected"): Case(lambda: tasks(success=False), nothing_left(Failure), f"{ROWS} entries"),
    ("ormq", "delete_selected"): Case(queue, nothing_left(OrmQ), f"{ROWS} entries"),
}


def test_every_action_of_every_list_is_held_against_it(rf, boss):
    request = rf.get("/")
    request.user = boss.user
    lists = {model._meta.model_name: own.get_actions(request) for model, own in admin.site._registry.items()}
    assert {(model, name) for model, names in lists.items() for name in names} == set(CASES)


@pytest.mark.parametrize("of", CASES, ids=" ".join)
def test_br_145_br_146_br_152_all_are_meant_and_done_once(boss, of, django_assert_max_num_queries):
    model, action = of
    case = CASES[of]
    case.fill()
    choice = case.choice()
    address = list_of(model)
    with django_assert_max_num_queries(MOST_QUERIES):
        answer, question = press(boss, address, action, choice)
    assert case.says in "\n".join(said(answer))
    case.end(choice)
    if question:
        assert question["page"].count == ROWS
        repeated = boss.post(address, posted(action, choice, question))  # a second press, or a reload
        assert said(repeated)[-1] == "This was done already, so nothing was done again."
        case.end(choice)


def test_what_fails_while_others_are_run_again_stays_in_the_list(boss, monkeypatch):
    """It was not handed over: it must not go with those that were."""
    like = {"func": "campaigns.tasks.tick", "started": NOW, "stopped": NOW, "success": False}
    Task.objects.create(id="1" * 32, name="antes", **like)
    address, choice = list_of("failure"), {"select_across": "1", "_selected_action": ["1" * 32]}
    question = boss.post(address, {"action": "run_again", **choice}).context
    monkeypatch.setattr(
        tasks_admin, "async_task", lambda *args, **kwargs: Task.objects.create(id="2" * 32, name="después", **like)
    )
    boss.post(address, posted("run_again", choice, question))
    assert [task.name for task in Failure.objects.all()] == ["después"]


def list_of(model):
    own = next(one for one in admin.site._registry if one._meta.model_name == model)
    return reverse(f"admin:{own._meta.app_label}_{model}_changelist")


def press(client, address, action, choice):
    """As a browser does it: what every page carries along is sent with the next. The last answer, the last question."""
    answer, question = client.post(address, posted(action, choice)), None
    for _page in range(3):
        if answer.status_code == 302:
            break
        question = answer.context
        assert len(answer.content) < 200_000
        assert answer.content.decode().count('name="_selected_action"') == SHOWN
        answer = client.post(address, posted(action, choice, question))
    assert answer.status_code == 302
    return answer, question


def posted(action, choice, question=None):
    form = {name: getattr(value, "pk", value) for name, value in choice.items()}
    asked = (
        {"expected": question["page"].fingerprint, **{name: question[name] for name in ("step", "showing")}}
        if question
        else {}
    )
    return {"action": action, "select_across": "1", "_selected_action": [str(n) for n in range(SHOWN)], **form, **asked}
