"""Which WhatsApp numbers may send which campaigns.

At Meta only those that have one of its account's templates, and the answers to somebody who has just written: within
24 hours of that Meta takes any text, and longer ago no answer leaves (`campaigns.replies.answers`).
"""

from campaigns.enums import Origin
from campaigns.models import Campaign
from campaigns.template_choice import account_in
from whatsapp.accounts import Account, template_account
from whatsapp.models import Sender


def may_take(sender: Sender | None, campaign: Campaign) -> bool:
    """Whether this number may send it. None: of e-mail, where there are no templates."""
    needed = template_account(sender) if sender else None
    return needed is None or is_answer(campaign) or needed == account_of_template(campaign)


def is_answer(campaign: Campaign) -> bool:
    """It goes from the number to which somebody wrote, and from no other."""
    return str(campaign.origin) == Origin.REPLY


def account_of_template(campaign: Campaign) -> Account | None:
    return account_in(campaign.template)
