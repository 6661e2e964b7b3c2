import pytest
from localswarm.swarm.steps import LEAST_PATIENCE, TIMES_LONGER, deadline, wanted
from localswarm.swarm.terms import Terms

AUTO = Terms("auto", 5, 1, False, None)


@pytest.mark.parametrize(
    ("terms", "sure", "valid", "expected"),
    [
        (AUTO, False, 0, 1),
        (AUTO, True, 1, 1),
        (AUTO, False, 1, 5),
        (AUTO, False, 4, 5),
        (Terms("auto", 2, 1, False, None), False, 1, 2),
        (Terms("auto", 5, 4, True, None), True, 1, 4),
        (Terms("vote", 5, 1, False, None), True, 0, 5),
        (Terms("fast", 5, 1, False, None), False, 0, 1),
        (Terms("vote", 1, 1, False, None), False, 0, 1),
    ],
)
def test_how_many_are_wanted(terms: Terms, sure: bool, valid: int, expected: int) -> None:
    assert wanted(terms, sure, valid) == expected


def test_nobody_is_late_before_one_has_answered() -> None:
    assert deadline(AUTO, 0.0, [], 10.0) is None


def test_who_takes_far_longer_than_others_is_late() -> None:
    assert deadline(AUTO, 14.0, [4.0, 6.0], 10.0) == 10.0 + TIMES_LONGER * 5.0 + LEAST_PATIENCE


def test_a_patience_that_was_asked_for_counts_from_the_first_answer() -> None:
    assert deadline(Terms("vote", 5, 1, False, 3.0), 14.0, [4.0], 10.0) == 17.0
