"""Meta reports that a template was paused, rejected, or approved again: its rows say so at once."""

from typing import Any

from django.dispatch import receiver

from whatsapp.accounts import account_of, senders_of
from whatsapp.models import MessageTemplate, Sender
from whatsapp.signals import news_arrived
from whatsapp.webhooks.base import News, TemplateNews


@receiver(news_arrived)
def on_news(sender_id: int, news: list[News], **kwargs: Any) -> None:
    """Of all numbers of the account: a report comes to one of them. One that nobody has read yet is no row."""
    about_templates = [one for one in news if isinstance(one, TemplateNews)]
    if not about_templates:
        return
    senders = senders_of(account_of(Sender.objects.get(pk=sender_id)))
    for one in about_templates:
        rows = MessageTemplate.objects.filter(sender__in=senders, name=one.name, language=one.language)
        rows.update(status=one.status[:40])
