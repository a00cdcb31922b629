"""Any order of launching, sending, dying, pausing, resending and deciding: the promises hold after every step.

STATE_MACHINE_EXAMPLES=500 explores so many lives by chance and shrinks what it finds; without it the same few are led
each time.
Receipts are not among the steps yet: nothing moves a message beyond "sent" so far.
"""

import os
from collections.abc import Callable

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.campaigns.life import KINDS, MOMENTS, NUMBERS, PACES, PEOPLE, Life
from tests.campaigns.processes import ANSWERS

# Mostly the background works; now and then somebody does something. `index` says who, which or how much.
HAPPENINGS: dict[str, Callable[[Life, int, str], None]] = {
    "work": lambda life, index, how: life.work(index, how),
    "answer": lambda life, index, how: life.answer(index, how),
    "turn": lambda life, index, how: life.turn(index),
    "start a process": lambda life, index, how: life.start_process(),
    "kill": lambda life, index, how: life.kill(index),
    "tick": lambda life, index, how: life.tick(),
    "wait": lambda life, index, how: life.time_passes(MOMENTS[index % len(MOMENTS)]),
    "overtaken": lambda life, index, how: life.fall_asleep_and_be_overtaken(index),
    "launch another": lambda life, index, how: life.launch_another(index),
    "prepare": lambda life, index, how: life.prepare_a_part(),
    "launch again": lambda life, index, how: life.press_a_button(index, "launch"),
    "pause": lambda life, index, how: life.press_a_button(index, "pause"),
    "resume": lambda life, index, how: life.press_a_button(index, "resume"),
    "cancel": lambda life, index, how: life.press_a_button(index, "cancel") if index > 6 else None,
    "resend": lambda life, index, how: life.resend(index, uncertain=index % 3 == 0),
    "decide": lambda life, index, how: life.decide_about_uncertain(index, is_sent=index % 3 == 0),
    "person": lambda life, index, how: life.opt_out_or_void(index % PEOPLE, is_opt_out=index % 2 == 0),
    "number": lambda life, index, how: life.switch(index % NUMBERS, is_enabled=index % 4 < 3, is_draining=index > 9),
    "settings": lambda life, index, how: life.change_settings(PACES[index % len(PACES)]),
}
LIFE = ("work",) * 18 + ("answer", "turn", "wait", "resend", "decide", "pause", "resume", "resume", *HAPPENINGS)
which = st.integers(0, 11)
answers = st.sampled_from(("accepted",) * 5 + ANSWERS)


class Campaigns(RuleBasedStateMachine):
    """Each example has a database of its own: what it wrote is rolled back."""

    life: Life | None = None

    def __init__(self):
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    @initialize(kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=2))
    def begin(self, kinds):
        self.life = Life(kinds)

    @rule(what=st.sampled_from(LIFE), index=which, how=answers)
    def happen(self, what, index, how):
        HAPPENINGS[what](self.life, index, how)

    @invariant()
    def promises(self):
        if self.life:
            self.life.promises()

    def teardown(self):
        try:
            if self.life:
                self.life.everything_ends_by_itself()
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)


EXAMPLES = int(os.environ.get("STATE_MACHINE_EXAMPLES", "0"))
STEPS = settings(
    max_examples=EXAMPLES or 8,
    stateful_step_count=80 if EXAMPLES else 40,
    derandomize=not EXAMPLES,
    deadline=None,
    database=None,
    print_blob=False,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink] if EXAMPLES else [Phase.generate],
)


@pytest.mark.django_db
@pytest.mark.timeout(0 if EXAMPLES else 300)
def test_the_promises_hold_in_any_order_of_events(monkeypatch):
    monkeypatch.setattr("campaigns.audience.BATCH", 2)
    run_state_machine_as_test(Campaigns, settings=STEPS)
