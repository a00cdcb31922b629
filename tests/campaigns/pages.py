"""What tests of pages do all the time: find a page, read its forms, send them back."""

import re

from django.contrib.messages import get_messages
from django.urls import reverse


def page(name, *args):
    return reverse(f"admin:campaigns_campaign_{name}", args=args)


def launch_page(campaign):
    return page("launch", campaign.pk)


def hidden_fields(response, form_id):
    """The hidden fields of one form, as a browser would send them."""
    html = response.content.decode()
    form = html[html.index(f'id="{form_id}"') :].partition("</form>")[0]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def plan_of(client, campaign, **options):
    """What the launch page would send back when its button is pressed."""
    return hidden_fields(client.get(launch_page(campaign), options), "p-plan")


def said(response):
    """The messages of the answer, wherever it leads."""
    return [str(message) for message in get_messages(response.wsgi_request)]
