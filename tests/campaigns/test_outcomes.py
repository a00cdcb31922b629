"""The table of outcomes: complete, safe, and the same in the documentation."""

from campaigns.explanations import explain
from campaigns.outcomes import CONSEQUENCES, LaneEffect, Scope, Verdict, consequence_of
from scripts.outcomes import PAGE, page
from whatsapp.gateways.base import ErrorKind


def test_every_kind_has_its_consequence():
    assert set(CONSEQUENCES) == set(ErrorKind)


def test_what_is_not_in_the_table_is_uncertain():
    assert consequence_of("brand_new_error") is CONSEQUENCES[ErrorKind.UNCERTAIN]


def test_only_what_provably_did_not_leave_is_tried_again_by_itself():
    for kind, known in CONSEQUENCES.items():
        if known.may_have_left:
            # A mail server's 4xx is the exception: it answered that it did not take the letter.
            assert known.verdict in (Verdict.FAIL, Verdict.UNCERTAIN) or kind == ErrorKind.TEMPORARY


def test_nobody_is_charged_for_what_a_number_or_its_program_did():
    of_lanes = [known for known in CONSEQUENCES.values() if known.scope == Scope.LANE]
    assert {known.verdict for known in of_lanes} == {Verdict.RETURN}
    assert not any(known.charges_recipient for known in of_lanes)


def test_a_fault_of_one_person_never_holds_up_a_lane():
    assert {known.lane for known in CONSEQUENCES.values() if known.scope == Scope.RECIPIENT} == {LaneEffect.NONE}


def test_every_kind_says_what_happened_and_what_to_do():
    for kind in ErrorKind:
        explanation = explain(kind)
        assert str(explanation.sentence) != kind
        assert str(explanation.suggestion)


def test_the_documentation_shows_the_table_of_the_code():
    assert PAGE.read_text() == page(), "run: python -m scripts.outcomes"
