"""What rows come to."""

import pytest
from localswarm.cli.quality.summary import every

from .answers import ROWS, row


def test_a_set() -> None:
    sums, calls, all_of_them = every(ROWS, ["sums", "calls", "code"])
    assert (sums.set, sums.count, calls.set, all_of_them.set, all_of_them.count) == ("sums", 4, "calls", "all", 6)
    assert {way: share.value for way, share in sums.right.items()} == {"one": 0.25, "vote": 0.5, "adaptive": 0.5}
    assert sums.possible.value == 0.75 and sums.closed["vote"] == pytest.approx(0.5)
    gain = sums.gain["vote"]
    assert (gain.value, gain.better, gain.worse) == (0.25, 1, 0)
    assert (sums.cost["vote"].tokens, sums.cost["vote"].seconds) == (5.0, 2.0)
    assert (sums.cost["adaptive"].tokens, sums.cost["adaptive"].seconds) == (2.5, 1.5)


def test_sureness_is_of_those_answers_that_have_it() -> None:
    sums, calls, _ = every(ROWS, ["sums", "calls"])
    assert sums.agreement.count == 4 and sums.agreement.auroc == 1.0
    assert [(band.count, band.right) for band in sums.agreement.bands] == [(0, 0), (1, 0), (1, 0), (1, 1), (1, 1)]
    assert calls.agreement.count == 0 and calls.agreement.auroc is None


def test_a_vote_that_failed_is_wrong_and_costs_nothing() -> None:
    (calls,) = every([one for one in ROWS if one.set == "calls"], ["sums", "calls"])
    assert calls.failed == 1 and calls.right["vote"].value == 0.5 and calls.cost["vote"].tokens == 5.0


def test_there_is_nothing_to_divide_by() -> None:
    (calls,) = every([row("calls", 0, True, True, failed="gone")], ["calls"])
    assert calls.cost["vote"].tokens is None and calls.closed["vote"] is None
