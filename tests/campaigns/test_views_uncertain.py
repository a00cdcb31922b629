"""The desk for uncertain messages: who may look, who may decide, and that each decision is made once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Delivery
from campaigns.models.mailbox import Mailbox
from tests.campaigns.doubts import make_finished, make_uncertain, states, status_of
from tests.campaigns.pages import hidden_fields, page, said
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_lane, make_sender, make_ticket
from tests.history import told
from tickets.models import HistoryEntry

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

DECIDES = ("campaigns.view_delivery", "campaigns.view_campaign", "campaigns.resend_uncertain")


@pytest.fixture
def desk(fixed_clock):
    return page("uncertain")


def names(response):
    return [row.delivery.recipient for row in response.context["desk"].rows]


def everything(client, address):
    """What the form would send with the box for all of them ticked."""
    return hidden_fields(client.get(address), "changelist-form") | {"across": "1"}


def chosen(*deliveries):
    return {"chosen": [delivery.pk for delivery in deliveries]}


def confirmation(client, address, fields):
    """What the second page would send back."""
    response = client.post(address, fields | {"decision": "again"})
    return hidden_fields(response, "c-again") | {key: value for key, value in fields.items() if key == "chosen"}


# --- looking -------------------------------------------------------------------------------------------------------


def test_every_uncertain_message_newest_first_and_nothing_else(boss, desk):
    first, second = make_uncertain(recipient="Ana"), make_uncertain(recipient="Beto")
    make_delivery(campaign=first.campaign, status="failed", error_kind="temporary")
    assert names(boss.get(desk)) == [second.recipient, first.recipient]


def test_what_is_known_is_on_the_page(boss, desk):
    lane = make_lane(sender=make_sender(name="Taquilla"))
    make_uncertain(lane=lane, http_status=502, detail="Bad <b>Gateway</b>", latency_ms=12_340)
    html = boss.get(desk).content.decode()
    for words in (
        "Taquilla",
        "lasted 12.3 s",
        "HTTP 502 · Bad &lt;b&gt;Gateway",
        "09:50 (Bogotá)",
        "it may have arrived",
    ):
        assert words in html


def test_the_first_button_is_to_count_as_sent(boss, desk):
    make_uncertain()
    html = boss.get(desk).content.decode()
    assert 0 < html.index('value="sent"') < html.index('value="again"')


def test_nothing_uncertain_is_said(boss, desk):
    assert "No message is uncertain." in boss.get(desk).content.decode()


@pytest.fixture
def several(desk):
    """By two numbers and two mailboxes, of two campaigns."""
    campaign = make_campaign(status="sending", name="Gira")
    mailbox = Mailbox.objects.create(name="Festival", from_address="festival@example.com")
    lanes = {
        "Ana": make_lane(sender=make_sender(name="Uno")),
        "Beto": make_lane(sender=make_sender(name="Dos")),
        "Carla": make_lane(channel="email", number=90),
        "Dora": make_lane(channel="email", number=91, mailbox=mailbox),
    }
    for name, lane in lanes.items():
        contact = make_contact(name=f"{name} Prueba", phone=f"+573001234{ord(name[0]):03}")
        make_uncertain(campaign=campaign, lane=lane, contact=contact)
    make_uncertain(lane=lanes["Ana"], recipient="Eva Ejemplo")
    return lanes | {"campaign": campaign, "mailbox": mailbox}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (lambda s: {"campaign": s["campaign"].pk}, "Dora Carla Beto Ana"),
        (lambda s: {"channel": "email"}, "Dora Carla"),
        (lambda s: {"from": f"number-{s['Ana'].sender_id}"}, "Eva Ana"),
        (lambda s: {"from": f"mailbox-{s['mailbox'].pk}"}, "Dora"),
        (lambda s: {"from": "mailbox-0"}, "Carla"),
        (lambda s: {"from": f"number-{s['Ana'].sender_id}", "campaign": s["campaign"].pk}, "Ana"),
        (lambda s: {"q": "prueb"}, "Dora Carla Beto Ana"),
        (lambda s: {"q": "(300) 123-4066"}, "Beto"),
        (lambda s: {"q": "nobody"}, ""),
        (lambda s: {"campaign": "x", "from": "number-", "channel": "fax"}, "Eva Dora Carla Beto Ana"),
        (lambda s: {"campaign": "9" * 30, "page": "99"}, "Eva Dora Carla Beto Ana"),
    ],
)
def test_filter_and_search(boss, desk, several, asked, found):
    assert [name.split()[0] for name in names(boss.get(desk, asked(several)))] == found.split()


def test_the_filters_offer_what_there_is(boss, desk, several):
    filters = boss.get(desk, {"from": "mailbox-0"}).context["desk"].filters
    labels = {one.title: [option.label for option in one.choices] for one in filters}
    assert labels["Number or mailbox"] == ["All", "Dos", "Festival", "Mail server of this installation", "Uno"]
    assert labels["Campaign"][-1] == "Gira"
    assert sorted(labels["Channel"]) == ["All", "E-mail", "WhatsApp"]


def test_a_filter_keeps_the_others(boss, desk, several):
    html = boss.get(desk, {"campaign": several["campaign"].pk, "q": "prueba"}).content.decode()
    assert f"?campaign={several['campaign'].pk}&amp;channel=email&amp;q=prueba" in html


def test_twenty_five_on_a_page(boss, desk):
    campaign = make_finished(27)
    query = f"?campaign={campaign.pk}"
    first = boss.get(desk + query)
    assert len(names(first)) == 25
    assert f"{query}&amp;page=2" in first.content.decode()
    assert len(names(boss.get(f"{desk}{query}&page=2"))) == 2


@pytest.mark.parametrize("method", ["get", "post"])
def test_whoever_is_not_signed_in_is_sent_to_the_login(client, desk, method):
    make_uncertain()
    assert "/login/" in getattr(client, method)(desk, {"across": "1"}).headers["Location"]


def test_looking_needs_the_permission_to_see_deliveries(staff, desk):
    assert staff("campaigns.view_campaign", "campaigns.resend_uncertain").get(desk).status_code == 403
    assert staff("campaigns.view_delivery").get(desk).status_code == 200


def test_who_may_only_look_gets_no_boxes_and_no_buttons(staff, desk):
    make_uncertain()
    html = staff("campaigns.view_delivery").get(desk).content.decode()
    assert 'name="decision"' not in html
    assert 'name="chosen"' not in html


@pytest.mark.parametrize("decision", ["sent", "again"])
def test_deciding_needs_its_own_permission(staff, desk, decision):
    delivery = make_uncertain()
    client = staff("campaigns.view_delivery", "campaigns.view_campaign", "campaigns.resend_failed")
    assert client.post(desk, chosen(delivery) | {"decision": decision}).status_code == 403
    assert states(delivery.campaign) == ["uncertain"]


@pytest.mark.parametrize("decision", ["sent", "again"])
def test_its_own_permission_is_enough(staff, desk, decision):
    campaign, client = make_finished(1), staff(*DECIDES)
    fields = chosen(campaign.deliveries.get())
    if decision == "again":
        fields = confirmation(client, desk, fields)
    client.post(desk, fields | {"decision": decision})
    assert states(campaign) == [{"sent": "sent", "again": "pending"}[decision]]


def test_looking_changes_nothing(boss, desk):
    campaign = make_finished(2)
    boss.get(desk, {"across": "1", "decision": "sent", "expected": "2", "chosen": campaign.deliveries.first().pk})
    assert (states(campaign), HistoryEntry.objects.count()) == (["uncertain", "uncertain"], 0)


def queries_of(client, address, rows):
    with CaptureQueriesContext(connection) as queries:
        assert len(names(client.get(address))) == rows
    return len(queries)


def test_the_page_costs_the_same_for_one_and_for_three(boss, desk):
    campaign, counted = make_finished(), {}
    for number in (1, 2, 3):
        ticket = make_ticket()
        delivery = make_uncertain(campaign=campaign, ticket=ticket, contact=ticket.holder)
        make_delivery(ticket=ticket, contact=ticket.holder, address=delivery.address, status="sent", sent_at=NOW)
        counted[number] = queries_of(boss, desk, number)
    assert counted[1] == counted[3] <= 12


# --- count as sent -------------------------------------------------------------------------------------------------


def test_the_chosen_ones_are_counted_and_the_rest_stays(boss, desk):
    campaign = make_finished(3)
    answer = boss.post(desk, chosen(*campaign.deliveries.all()[:2]) | {"decision": "sent"})
    assert (answer.headers["Location"], said(answer)) == (desk, ["2 messages are counted as sent."])
    assert states(campaign) == ["sent", "sent", "uncertain"]
    assert set(campaign.deliveries.filter(status="sent").values_list("settled_by", flat=True)) == {boss.user.pk}
    assert status_of(campaign) == "finished"


def test_all_that_match_are_counted_on_every_page_and_no_others(boss, desk):
    campaign, other = make_finished(27), make_finished(1)
    address = f"{desk}?campaign={campaign.pk}"
    answer = boss.post(address, everything(boss, address) | {"decision": "sent"})
    assert (answer.headers["Location"], said(answer)) == (address, ["27 messages are counted as sent."])
    assert (set(states(campaign)), states(other)) == ({"sent"}, ["uncertain"])


def test_the_decision_is_in_the_history_of_each_campaign(boss, desk):
    campaign, other = make_finished(2), make_finished(1)
    boss.post(desk, everything(boss, desk) | {"decision": "sent"})
    assert HistoryEntry.objects.count() == 2
    for one, sentence in ((campaign, "Uncertain ones: 2"), (other, "Uncertain ones: 1")):
        assert sentence in boss.get(page("history", one.pk)).content.decode()


def test_another_number_asks_again(boss, desk):
    campaign = make_finished(2)
    fields = everything(boss, desk) | {"decision": "sent"}
    make_uncertain(campaign=campaign)
    answer = boss.post(desk, fields)
    assert "there were 2, now there are 3" in answer.content.decode()
    assert states(campaign) == ["uncertain"] * 3
    assert hidden_fields(answer, "changelist-form")["expected"] != fields["expected"]


def test_the_same_number_of_others_asks_again_too(boss, desk):
    campaign = make_finished(2)
    fields = everything(boss, desk) | {"decision": "sent"}
    campaign.deliveries.filter(pk=campaign.deliveries.first().pk).update(status="sent", sent_at=NOW)
    make_uncertain(campaign=campaign)
    assert boss.post(desk, fields).status_code == 200
    assert states(campaign) == ["sent", "uncertain", "uncertain"]


def test_all_without_a_number_asks(boss, desk):
    campaign = make_finished(1)
    assert boss.post(desk, {"across": "1", "decision": "sent"}).status_code == 200
    assert states(campaign) == ["uncertain"]


@pytest.mark.parametrize("way", ["chosen", "all"])
def test_two_presses_count_once(boss, desk, way):
    campaign = make_finished(1)
    fields = everything(boss, desk) if way == "all" else chosen(campaign.deliveries.get())
    boss.post(desk, fields | {"decision": "sent"})
    answer = boss.post(desk, fields | {"decision": "sent"})
    assert "nothing left to decide" in said(answer)[-1]
    assert HistoryEntry.objects.count() == 1


def test_what_somebody_else_decided_meanwhile_is_said(boss, desk):
    campaign = make_finished(3)
    everybody = list(campaign.deliveries.all())
    Delivery.objects.filter(pk=everybody[0].pk).update(status="delivered", sent_at=NOW)
    answer = boss.post(desk, chosen(*everybody) | {"decision": "sent"})
    assert said(answer) == [
        "2 messages are counted as sent.",
        "1 was decided already, or an answer came meanwhile.",
    ]
    assert states(campaign) == ["delivered", "sent", "sent"]


@pytest.mark.parametrize("fields", [{}, {"chosen": ["x", "-1", "0", "9" * 40]}])
def test_nobody_chosen_is_said(boss, desk, fields):
    campaign = make_finished(1)
    assert "Choose at least one message" in said(boss.post(desk, fields | {"decision": "sent"}))[0]
    assert states(campaign) == ["uncertain"]


@pytest.mark.parametrize("decision", ["", "failed"])
def test_without_a_button_nothing_is_decided(boss, desk, decision):
    campaign = make_finished(1)
    answer = boss.post(desk, chosen(campaign.deliveries.get()) | {"decision": decision})
    assert said(answer) == ["Press one of the two buttons. Nothing was changed."]
    assert states(campaign) == ["uncertain"]


# --- send again ----------------------------------------------------------------------------------------------------


def test_sending_again_asks_first_with_the_number_and_a_warning(boss, desk):
    campaign = make_finished(3)
    answer = boss.post(desk, chosen(*campaign.deliveries.all()[:2]) | {"decision": "again"})
    html = answer.content.decode()
    assert answer.context["count"] == 2
    assert "gets it twice" in html
    assert "same message id" not in html
    assert states(campaign) == ["uncertain"] * 3


def test_of_an_e_mail_the_question_says_that_its_message_id_is_the_same(boss, desk):
    delivery = make_uncertain(lane=make_lane(channel="email", number=90))
    assert "same message id" in boss.post(desk, chosen(delivery) | {"decision": "again"}).content.decode()


@pytest.mark.parametrize("way", ["chosen", "all"])
def test_confirmed_they_are_queued_and_the_campaign_goes_on(boss, desk, way):
    campaign = make_finished(2)
    fields = everything(boss, desk) if way == "all" else chosen(*campaign.deliveries.all())
    answer = boss.post(desk, confirmation(boss, desk, fields))
    assert (answer.headers["Location"], said(answer)) == (desk, ["2 messages are sent again."])
    assert (states(campaign), status_of(campaign)) == (["pending", "pending"], "sending")
    assert told() == [("jefa", "resent", ["Uncertain ones: 2"])]


@pytest.mark.parametrize("way", ["chosen", "all"])
def test_a_number_that_changed_after_the_question_asks_again(boss, desk, way):
    campaign = make_finished(3)
    fields = everything(boss, desk) if way == "all" else chosen(*campaign.deliveries.all())
    confirmed = confirmation(boss, desk, fields)
    campaign.deliveries.filter(pk=campaign.deliveries.first().pk).update(status="sent", sent_at=NOW)
    assert boss.post(desk, confirmed).status_code == 200
    assert states(campaign) == ["sent", "uncertain", "uncertain"]


def test_one_that_is_uncertain_once_more_is_asked_about_anew(boss, desk):
    campaign = make_finished(1)
    confirmed = confirmation(boss, desk, chosen(campaign.deliveries.get()))
    campaign.deliveries.update(attempts_made=2)
    answer = boss.post(desk, confirmed)
    assert answer.context["has_changed"]
    assert states(campaign) == ["uncertain"]


def test_two_presses_send_once(boss, desk):
    campaign = make_finished(2)
    confirmed = confirmation(boss, desk, chosen(*campaign.deliveries.all()))
    boss.post(desk, confirmed)
    assert "nothing left to decide" in said(boss.post(desk, confirmed))[-1]
    assert (states(campaign), HistoryEntry.objects.count()) == (["pending", "pending"], 1)


def test_what_cannot_be_sent_again_is_named_before_and_after(boss, desk):
    campaign, cancelled = make_finished(1), make_campaign(status="cancelled", name="Gira")
    make_uncertain(campaign=cancelled)
    asked = boss.post(desk, everything(boss, desk) | {"decision": "again"})
    assert asked.context["count"] == 1
    assert "It is cancelled, so nothing of it can be sent again." in asked.content.decode()
    answer = boss.post(desk, hidden_fields(asked, "c-again"))
    assert said(answer) == [
        "1 message is sent again.",
        "1 stays uncertain: “Gira” is cancelled now, so this was not done.",
    ]
    assert (states(campaign), states(cancelled)) == (["pending"], ["uncertain"])


def test_where_nothing_can_be_sent_again_there_is_no_button(boss, desk):
    delivery = make_uncertain(campaign=make_campaign(status="cancelled"))
    html = boss.post(desk, chosen(delivery) | {"decision": "again"}).content.decode()
    assert "p-button-danger" not in html


# --- the way here --------------------------------------------------------------------------------------------------


def test_the_menu_leads_here_and_marks_it(boss, desk):
    menu = boss.get(desk).context["menu"]
    assert [item.url for group in menu for item in group.items if item.current] == [desk]


def test_the_page_of_the_campaign_leads_to_its_own(boss, desk):
    campaign = make_finished(1)
    assert f'href="{desk}?campaign={campaign.pk}"' in boss.get(page("change", campaign.pk)).content.decode()


def test_a_cancelled_campaign_leads_here_too(boss, desk):
    campaign = make_campaign(status="cancelled")
    make_uncertain(campaign=campaign)
    assert f'href="{desk}?campaign={campaign.pk}"' in boss.get(page("change", campaign.pk)).content.decode()


def test_the_home_page_leads_here(boss, desk):
    make_uncertain()
    assert f'href="{desk}"' in boss.get(reverse("admin:index")).content.decode()


def test_a_name_is_never_html(boss, desk):
    make_uncertain(recipient="<i>Eva</i>")
    assert "&lt;i&gt;Eva&lt;/i&gt;" in boss.get(desk).content.decode()
