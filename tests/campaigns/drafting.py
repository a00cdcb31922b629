"""The form of a draft, as a browser sends it back."""

from tests.campaigns.pages import page


def form_of(client, campaign):
    """What the form would send back when nothing is changed."""
    form = client.get(page("change", campaign.pk)).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value not in (None, "", False) and name != "image"}


def save(client, campaign, **changes):
    return client.post(page("change", campaign.pk), form_of(client, campaign) | changes)


def errors(response):
    return response.context["adminform"].form.errors
