"""What is remembered of a machine's speed."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from localswarm.node.machine import BANDWIDTH, see
from localswarm.state import State

FAST, SLOW = 9e15, 1.0  # bytes a second: no processor reaches the one, and every one the other


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State(tmp_path) as state:
        yield state


def remembered(state: State, value: float, seconds_ago: float) -> None:
    cpu = see({}, state).cpu
    subject = f"{cpu.name}, {cpu.cores} cores"
    state.facts.remember(BANDWIDTH, subject, value)
    with sqlite3.connect(state.file) as database:
        database.execute("UPDATE facts SET measured_at = measured_at - ? WHERE subject = ?", (seconds_ago, subject))
    database.close()


@pytest.mark.parametrize(
    ("known", "seconds_ago", "kept"),
    [(SLOW, 1, True), (SLOW, 3600, False), (FAST, 3600, True), (SLOW, -3600, False)],
    ids=["just measured", "measured beside others, long ago", "nothing is ever forgotten", "the clock went back"],
)
def test_the_most_that_a_processor_has_shown_counts(state: State, known: float, seconds_ago: float, kept: bool) -> None:
    remembered(state, known, seconds_ago)
    assert (see({}, state).cpu.bandwidth == known) is kept
