"""Which WhatsApp numbers may send which campaigns: at Meta only those that have one of its account's templates."""

from campaigns.models import Campaign
from campaigns.template_choice import account_in
from whatsapp.accounts import Account, template_account
from whatsapp.models import Sender


def may_take(sender: Sender | None, campaign: Campaign) -> bool:
    """Whether this number may send it. None: of e-mail, where there are no templates."""
    needed = template_account(sender) if sender else None
    return needed is None or needed == account_of_template(campaign)


def account_of_template(campaign: Campaign) -> Account | None:
    return account_in(campaign.template)
