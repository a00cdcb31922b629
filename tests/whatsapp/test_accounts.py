"""Numbers of one account are of one portfolio, and share its limit of people."""

import pytest

from tests.factories import make_cloud_sender
from whatsapp.accounts import limit_of, limited_together, share_portfolio
from whatsapp.models import Sender

pytestmark = pytest.mark.django_db


def portfolios():
    return [one.options["portfolio"] for one in Sender.objects.order_by("pk")]


def test_what_is_typed_for_one_number_holds_for_all_of_its_account():
    first, second = make_cloud_sender(), make_cloud_sender()
    foreign = make_cloud_sender(account="999")
    first.options["portfolio"] = "777"
    first.save()
    share_portfolio(first, is_typed=True)
    assert portfolios() == ["777", "777", ""]
    assert limited_together(limit_of(Sender.objects.get(pk=second.pk))) == [first, second]
    first.options["portfolio"] = ""
    first.save()
    share_portfolio(first, is_typed=True)
    assert portfolios() == ["", "", foreign.options["portfolio"]]


def test_a_new_number_of_the_account_is_of_its_portfolio_too():
    make_cloud_sender(portfolio="777")
    share_portfolio(make_cloud_sender(), is_typed=False)
    assert portfolios() == ["777", "777"]
