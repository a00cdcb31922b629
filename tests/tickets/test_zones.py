"""The zones to choose from: those of our users first, the one in use always, and made once for all forms."""

from copy import deepcopy
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.utils.choices import flatten_choices
from django.utils.translation import override

from campaigns.models import BirthdayGreeting, Campaign
from tickets.models import Event
from tickets.zones import USUAL, ZoneChoices


def names(chosen="UTC"):
    return [name for name, _label in flatten_choices(ZoneChoices(chosen))]


def test_ours_come_first_and_each_is_there_once():
    assert tuple(names()[: len(USUAL)]) == USUAL
    assert len(names()) == len(set(names()))
    assert {"UTC", "Asia/Tokyo", "Pacific/Easter"} < set(names())


def test_one_that_nobody_would_be_offered_stays_where_it_is_in_use():
    assert "Etc/GMT+5" not in names()
    assert "Etc/GMT+5" in names("Etc/GMT+5")


def test_groups_are_in_the_readers_language():
    with override("es"):
        groups = [group for group, _zones in ZoneChoices()]
    assert groups == ["Latinoamérica y España", "Resto del mundo"]


@pytest.mark.parametrize("zone", [Event.timezone.field, Campaign.zone.field, BirthdayGreeting.zone.field])
def test_a_form_takes_and_hands_back_a_zone(zone):
    field = zone.formfield()
    assert field.clean("America/Lima") == ZoneInfo("America/Lima")
    with pytest.raises(forms.ValidationError, match="America/Macondo"):
        field.clean("America/Macondo")


def test_forms_copy_nothing_of_them():
    field = Event.timezone.field.formfield()
    assert deepcopy(field).choices is field.choices
