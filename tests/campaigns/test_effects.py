"""What a change would do to campaigns that are being sent, before it is saved."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from campaigns.effects import MOST, effects
from campaigns.models import Lane
from campaigns.progress import snapshot
from campaigns.scene import Scene
from campaigns.supposing import Supposed
from tests.factories import (
    NOW,
    make_campaign,
    make_contact,
    make_delivery,
    make_event,
    make_lane,
    make_sender,
    make_settings,
)
from whatsapp.models import Sender, SendingSettings

pytestmark = pytest.mark.django_db


def sending(count, **fields):
    own = {name: fields.pop(name) for name in ("priority", "event") if name in fields}
    campaign = make_campaign(status="sending", **own)
    for _ in range(count):
        make_delivery(campaign=campaign, contact=make_contact(), **{"priority": campaign.priority} | fields)
    return campaign


def typed(**fields):
    settings = SendingSettings.load()
    for name, value in fields.items():
        setattr(settings, name, value)
    return settings


def seconds(scene, supposed):
    found, _more = effects(scene, supposed)
    return [effect.difference and effect.difference.total_seconds() for effect in found]


def test_another_pace_moves_the_end_by_exactly_the_difference_of_the_rule():
    make_lane()
    sending(11)
    scene = Scene(NOW)
    other = Supposed(scene, settings=typed(base_delay=Decimal(4), step=Decimal(0), maximum_delay=Decimal(5)))
    [effect], more = effects(scene, other)
    assert (effect.now.ends_at, effect.then.ends_at) == (NOW + timedelta(seconds=20), NOW + timedelta(seconds=40))
    assert (effect.difference, more) == (timedelta(seconds=20), 0)


def test_supposing_saves_nothing_and_leaves_the_scene_as_it_is():
    lane = make_lane()
    sending(3)
    scene = Scene(NOW)
    supposed = Sender.objects.get(pk=lane.sender_id)
    supposed.is_enabled = False
    assert seconds(scene, Supposed(scene, sender=supposed)) == [None]
    assert scene.usable("whatsapp") == [lane]
    assert Lane.objects.get(pk=lane.pk).sender.is_enabled


def test_the_end_now_is_the_one_that_the_page_of_the_campaign_shows():
    """With everything that plays a part: priorities, other campaigns, both channels, tries that wait, calls under way."""
    make_settings(jitter_percent=20, batch_size=4, batch_pause_minutes=1, daily_cap=30)
    first, second = make_lane(position=3, last_call_at=NOW), make_lane(sender=make_sender(weight=2))
    first.slow_down = 1.5
    first.save()
    made = [sending(9, priority=10), sending(14), sending(5, event=make_event()), sending(40, priority=30)]
    for campaign in made[1:3]:
        make_delivery(campaign=campaign, channel="email", address="a@example.com")
        make_delivery(campaign=campaign, status="waiting", due_at=NOW + timedelta(hours=3))
        make_delivery(campaign=campaign, status="claimed", claimed_at=NOW, channel="email", address="b@example.com")
    under_way = make_delivery(campaign=made[0], status="claimed", claimed_at=NOW, attempts_made=1)
    under_way.attempts.create(number=1, lane=second, sender=second.sender, fence=1, started_at=NOW)
    scene = Scene(NOW)
    found, _more = effects(scene, Supposed(scene))
    assert {effect.campaign.pk for effect in found} == {campaign.pk for campaign in made}
    for effect in found:
        assert effect.now.ends_at == snapshot(effect.campaign, Scene(NOW)).finish_at
        assert effect.then == effect.now
    assert max(effect.now.ends_at for effect in found) > NOW + timedelta(hours=3)


def test_without_one_of_two_numbers_it_lasts_longer():
    lanes = [make_lane(), make_lane()]
    sending(20)
    scene = Scene(NOW)
    supposed = Sender.objects.get(pk=lanes[0].sender_id)
    supposed.is_draining = True
    [effect], _more = effects(scene, Supposed(scene, sender=supposed))
    assert effect.now.ends_at == NOW + timedelta(seconds=9 * 2.0)
    assert effect.then.ends_at == NOW + timedelta(seconds=10 * 2.0 + 9 * 2.5)


def test_a_number_out_of_use_does_not_stretch_the_pauses_of_the_others():
    heavy, light = make_lane(sender=make_sender(weight=4)), make_lane()
    scene = Scene(NOW)
    without = Sender.objects.get(pk=heavy.sender_id)
    without.is_enabled = False
    supposed = Supposed(scene, sender=without)
    assert (scene.limits.pace(light).stretch, supposed.limits.pace(light).stretch) == (4.0, 1.0)


def test_a_daily_limit_that_is_typed_counts_too():
    make_lane()
    sending(10)
    scene = Scene(NOW)
    [effect], _more = effects(scene, Supposed(scene, settings=typed(daily_cap=4)))
    assert effect.then.days == 3


def test_campaigns_that_do_not_wait_for_a_number_are_not_listed():
    make_lane()
    sending(3, channel="email", address="a@example.com")
    sending(0)
    paused = make_campaign(status="paused")
    make_delivery(campaign=paused)
    scene = Scene(NOW)
    assert effects(scene, Supposed(scene)) == ([], 0)


def test_of_many_campaigns_a_few_are_shown_with_few_questions(django_assert_max_num_queries):
    make_lane()
    for _ in range(MOST + 3):
        sending(2)
    scene = Scene(NOW)
    with django_assert_max_num_queries(8):
        found, more = effects(scene, Supposed(scene, settings=typed(base_delay=Decimal(4))))
    assert (len(found), more) == (MOST, 3)


def test_nothing_that_a_year_is_enough_for_is_compared_with_nothing():
    make_lane()
    sending(400)
    scene = Scene(NOW)
    [effect], _more = effects(scene, Supposed(scene, settings=typed(daily_cap=1)))
    assert (effect.then.is_far, effect.difference) == (True, None)
    assert replace(effect, then=effect.now).difference == timedelta(0)
