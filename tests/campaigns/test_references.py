"""Our own word for a call, as it comes back."""

import pytest

from campaigns.references import Reference, parse_reference, reference_of
from tests.factories import make_contact, make_delivery


@pytest.mark.django_db
def test_it_names_the_delivery_and_the_call_that_is_made():
    delivery = make_delivery(contact=make_contact(), attempts_made=3)
    assert reference_of(delivery) == f"delivery-{delivery.pk}-3"
    assert parse_reference(reference_of(delivery)) == Reference(delivery.pk, 3)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "delivery-5",
        "delivery-5-0",
        "delivery-05-1",
        "delivery-5-1 ",
        "Delivery-5-1",
        "delivery--5-1",
        "delivery-٥-1",
        "delivery-5-100000",
        f"delivery-{'9' * 19}-1",
        "outbox-5-1",
    ],
)
def test_anything_else_is_not_ours(text):
    assert parse_reference(text) is None
