"""How the simulated gateway treats messages, with the clock given."""

from random import Random

import pytest

from whatsapp.simulator.accounts import QR_TEXT
from whatsapp.simulator.checking import BadOption
from whatsapp.simulator.options import PROFILES, Options
from whatsapp.simulator.profiles import Session
from whatsapp.simulator.verdicts import Verdict

PHONE = "573000000001"


def session(profile: str = "steady", **options) -> Session:
    return Session(Options(profile=profile, **options))


def statuses(simulated: Session, moments) -> list[int]:
    return [simulated.judge(PHONE, moment).status for moment in moments]


def test_steady_delivers_everything_however_fast():
    simulated = session()
    assert {simulated.judge(PHONE, 0.0) for _ in range(1000)} == {Verdict(is_delivered=True)}


@pytest.mark.parametrize("profile", ["steady", "slow", "accept-then-timeout"])
def test_number_that_is_not_registered(profile):
    verdict = session(profile).judge("573001230404", 0.0)
    assert (verdict.status, verdict.is_delivered) == (404, False)


def test_the_ending_of_unregistered_numbers_can_be_set():
    simulated = session(unregistered="99")
    assert [simulated.judge(phone, 0.0).status for phone in ("573001230404", "573000000099")] == [200, 404]


def test_all_numbers_are_registered_without_an_ending():
    assert session(unregistered="").judge("573001230404", 0.0).status == 200


def test_latency_of_each_profile():
    assert {profile: Options(profile=profile).latency for profile in PROFILES} == dict.fromkeys(PROFILES, 0.0) | {
        "slow": 3.0
    }


def test_latency_can_be_set():
    assert (Options(profile="slow", latency_ms=50).latency, Options(latency_ms=50).latency) == (0.05, 0.05)


# --- collapsing ---------------------------------------------------------------------------------------------------


def test_ten_messages_without_a_pause_bring_it_down():
    simulated = session("collapsing")
    answers = statuses(simulated, [0.0] * 10)
    assert (answers, simulated.collapses) == ([200] * 8 + [500] * 2, 1)


def test_a_gap_of_one_and_a_half_seconds_is_survived():
    simulated = session("collapsing")
    assert statuses(simulated, [1.5 * n for n in range(1000)]) == [200] * 1000
    assert simulated.collapses == 0


def test_gaps_that_vary_around_one_and_a_half_seconds_are_survived():
    simulated, dice, moments = session("collapsing"), Random(3), [0.0]
    while len(moments) < 1000:
        moments.append(moments[-1] + dice.uniform(1.3, 1.7))
    assert set(statuses(simulated, moments)) == {200}


def test_after_the_fall_it_is_down_and_then_back():
    simulated = session("collapsing", fall_seconds=1, down_seconds=20)
    statuses(simulated, [0.0] * 9)
    assert simulated.is_ready(0.5)  # nobody knows yet
    assert statuses(simulated, [0.5, 1.0, 20.9]) == [500, 503, 503]
    assert (simulated.is_ready(1.0), simulated.is_ready(20.9), simulated.is_ready(21.0)) == (False, False, True)
    assert statuses(simulated, [21.0]) == [200]


def test_while_it_falls_some_messages_arrive_and_some_calls_are_cut():
    simulated = session("collapsing")
    statuses(simulated, [0.0] * 8)
    verdicts = [simulated.judge(PHONE, 0.0) for _ in range(100)]
    seen = {(verdict.is_delivered, verdict.hangs_up) for verdict in verdicts}
    assert seen == {(True, True), (True, False), (False, True), (False, False)}
    assert simulated.collapses == 1


def test_restart_ends_the_fall_and_takes_its_time():
    simulated = session("collapsing", restart_seconds=2)
    statuses(simulated, [0.0] * 9)
    simulated.restart(0.5)
    assert statuses(simulated, [0.6, 2.4, 2.5]) == [503, 503, 200]


def test_it_collapses_again():
    simulated = session("collapsing")
    statuses(simulated, [0.0] * 9 + [100.0] * 9)
    assert simulated.collapses == 2


# --- asks-for-qr --------------------------------------------------------------------------------------------------


def test_asks_for_qr_takes_nothing_until_it_is_scanned():
    simulated = session("asks-for-qr")
    status = simulated.status(0.0)
    assert (status["ready"], status["hasQR"], status["qr"]) == (False, True, QR_TEXT)
    assert statuses(simulated, [0.0, 1.0]) == [503, 503]
    simulated.scan()
    assert (simulated.is_ready(2.0), simulated.wants_scan, statuses(simulated, [2.0] * 100)) == (
        True,
        False,
        [200] * 100,
    )


def test_asks_for_qr_asks_again_after_a_restart():
    simulated = session("asks-for-qr", restart_seconds=2)
    simulated.scan()
    simulated.restart(10.0)
    assert (simulated.status(11.0)["hasQR"], simulated.status(12.0)["hasQR"]) == (False, True)
    assert statuses(simulated, [11.0, 12.0]) == [503, 503]


def test_logs_out_after_so_many_messages_since_each_scan():
    simulated = session("asks-for-qr", logout_after=3)
    simulated.scan()
    assert statuses(simulated, [0.0] * 5) == [200, 200, 200, 503, 503]
    simulated.scan()
    assert statuses(simulated, [0.0] * 4) == [200, 200, 200, 503]


def test_refused_messages_do_not_count_towards_the_logout():
    simulated = session("asks-for-qr", logout_after=2)
    simulated.scan()
    phones = ("573001230404", PHONE, "573001230404", PHONE, PHONE)
    assert [simulated.judge(phone, 0.0).status for phone in phones] == [404, 200, 404, 200, 503]


def test_scan_also_links_what_is_not_ready():
    simulated = session("not-ready")
    simulated.scan()
    assert statuses(simulated, [0.0]) == [200]


# --- rate-limited -------------------------------------------------------------------------------------------------


def test_more_than_the_limit_is_turned_away_until_the_window_has_moved_on():
    simulated = session("rate-limited", max_calls=2, window_seconds=10)
    verdicts = [simulated.judge(PHONE, moment) for moment in (0.0, 4.0, 5.0, 9.5, 10.0, 11.0)]
    assert [verdict.status for verdict in verdicts] == [200, 200, 429, 429, 200, 429]
    assert [verdict.retry_after for verdict in verdicts] == [None, None, 5.0, 0.5, None, 3.0]
    assert simulated.is_ready(11.0)


def test_whoever_waits_as_told_is_let_through():
    simulated, moment = session("rate-limited", max_calls=3, window_seconds=7), 0.0
    for _ in range(50):
        refused = simulated.judge(PHONE, moment)
        if refused.status == 429:
            moment += refused.retry_after
            assert simulated.judge(PHONE, moment).status == 200
        moment += 0.25


@pytest.mark.parametrize(
    ("form", "expected"), [("seconds", (10.0, False)), ("date", (10.0, True)), ("none", (None, False))]
)
def test_forms_of_the_wait(form, expected):
    simulated = session("rate-limited", max_calls=1, window_seconds=10, retry_after=form)
    simulated.judge(PHONE, 0.0)
    refused = simulated.judge(PHONE, 0.0)
    assert (refused.retry_after, refused.is_dated) == expected


# --- bans ---------------------------------------------------------------------------------------------------------


def test_ban_is_for_good_and_outlives_a_restart():
    simulated = session("bans", ban_after=2, restart_seconds=1)
    assert statuses(simulated, [0.0, 1.0, 2.0]) == [200, 200, 403]
    simulated.restart(3.0)
    simulated.scan()
    assert statuses(simulated, [4.0, 1e9]) == [403, 403]
    assert (simulated.status(4.0)["state"], simulated.is_ready(4.0), simulated.wants_scan) == ("BANNED", False, False)


def test_lock_names_its_end_and_ends_then():
    simulated = session("bans", ban_after=1, lock_seconds=60)
    assert statuses(simulated, [100.0]) == [200]
    locked = simulated.judge(PHONE, 110.0)
    assert (locked.status, locked.retry_after, simulated.status(110.0)["state"]) == (500, 50.0, "RESTRICTED")
    assert (simulated.is_ready(159.9), simulated.is_ready(160.0)) == (False, True)
    assert statuses(simulated, [160.0, 160.0]) == [200, 500]


def test_lock_need_not_name_its_end():
    simulated = session("bans", ban_after=1, lock_seconds=60, retry_after="none")
    statuses(simulated, [0.0])
    assert simulated.judge(PHONE, 1.0).retry_after is None


# --- the others ---------------------------------------------------------------------------------------------------


def test_flaky_fails_in_its_share_and_in_every_way():
    simulated = session("flaky", failure_percent=30)
    verdicts = [simulated.judge(PHONE, 0.0) for _ in range(2000)]
    bad = [verdict for verdict in verdicts if verdict != Verdict(is_delivered=True)]
    assert 500 < len(bad) < 700
    assert len(set(bad)) == 5


def test_flaky_repeats_itself_with_the_same_seed():
    one, same, other = (session("flaky", seed=seed) for seed in (7, 7, 8))
    runs = [[simulated.judge(PHONE, 0.0) for _ in range(50)] for simulated in (one, same, other)]
    assert runs[0] == runs[1] != runs[2]


def test_jitter_is_repeatable_bounded_and_changes_nothing_else():
    one, same, without = (session("flaky", latency_ms=100, jitter_ms=jitter) for jitter in (50, 50, 0))
    latencies = [one.latency() for _ in range(50)]
    assert latencies == [same.latency() for _ in range(50)]
    assert 0.1 <= min(latencies) < max(latencies) <= 0.15
    assert [one.judge(PHONE, 0.0) for _ in range(50)] == [without.judge(PHONE, 0.0) for _ in range(50)]


def test_not_ready_wants_a_scan_until_it_is_restarted():
    simulated = session("not-ready", restart_seconds=2)
    assert (simulated.judge(PHONE, 0.0).status, simulated.status(0.0)["ready"]) == (503, False)
    assert simulated.status(0.0)["qr"]
    simulated.restart(10.0)
    assert (simulated.status(11.0)["ready"], simulated.status(11.0)["qr"]) == (False, None)
    assert simulated.judge(PHONE, 12.0).status == 200


def test_accept_then_timeout_delivers_and_keeps_silent():
    assert session("accept-then-timeout", hold_seconds=7).judge(PHONE, 0.0) == Verdict(is_delivered=True, hold=7)


@pytest.mark.parametrize(
    "values",
    [
        {"profile": "nice"},
        {"profile": None},
        {"latency": 5},
        {"latency_ms": -1},
        {"latency_ms": "5"},
        {"latency_ms": float("nan")},
        {"failure_percent": 101},
        {"max_calls": 0},
        {"max_calls": 1.5},
        {"max_calls": True},
        {"seed": "x"},
        {"unregistered": "a"},
        {"unregistered": 404},
        {"retry_after": "later"},
        {"retry_after": None},
        {"ban_after": 0},
        {"lock_seconds": -1},
        {"receipts": "random"},
        {"receipts_fail": "x1"},
        {"receipts_header": "no header"},
        {"receipts_header": "X-A: b\r\nX-C: d"},
        {"receipts_header": 5},
    ],
)
def test_options_that_make_no_sense_are_refused(values):
    with pytest.raises(BadOption):
        Options().changed(values)


def test_other_options_stay_as_they_were():
    assert Options(seed=5).changed({"profile": "slow", "latency_ms": None}) == Options(profile="slow", seed=5)
