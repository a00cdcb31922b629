"""What stands in a form for whoever may only look at it."""

import pytest
from django.urls import reverse

from tests.factories import make_campaign, make_ticket
from tests.staff import sign_in

pytestmark = pytest.mark.django_db


def _page(client, row):
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    return client.get(address).content.decode()


@pytest.mark.parametrize("may_see_contacts", [True, False])
def test_a_link_to_another_row_is_for_those_who_may_open_it(client, may_see_contacts):
    ticket = make_ticket()
    sign_in(client, "tickets.view_ticket", *["tickets.view_contact"] * may_see_contacts)
    page = _page(client, ticket)
    assert ticket.holder.name in page
    assert (f'href="/admin/tickets/contact/{ticket.holder_id}/change/"' in page) is may_see_contacts


def test_a_picture_is_named_and_leads_nowhere(client):
    campaign = make_campaign(status="draft", image="campaigns/cartel.jpg")
    sign_in(client, "campaigns.view_campaign")
    page = _page(client, campaign)
    assert '<div class="readonly">cartel.jpg</div>' in page
    assert "campaigns/cartel.jpg" not in page
