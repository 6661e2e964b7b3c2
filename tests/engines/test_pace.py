"""Steps are long when only prompts are read, and short when somebody waits for his next token."""

import hypothesis.strategies as st
from hypothesis import given
from localswarm.engines.pace import (
    LEAST_CHUNK,
    LONGEST_STEP_SECONDS,
    PATIENCE_SECONDS,
    YOUNG_PATIENCE_SECONDS,
    Pace,
    shares,
)


def test_alone_a_prompt_is_read_in_full_steps() -> None:
    assert Pace(512).chunk(writers=0) == 512


def test_beside_a_writer_a_step_takes_no_longer_than_patience() -> None:
    pace = Pace(512)
    pace.learn(512, 1.024)
    assert pace.chunk(writers=1) == int(PATIENCE_SECONDS / 0.002)


def test_beside_an_answer_that_has_just_begun_it_is_shorter_still() -> None:
    pace = Pace(512)
    pace.learn(512, 1.024)
    assert pace.chunk(writers=1, young=True) == int(YOUNG_PATIENCE_SECONDS / 0.002)


def test_on_a_slow_machine_no_step_holds_up_who_comes_next_for_long() -> None:
    pace = Pace(512)
    pace.learn(512, 512 * 0.003)
    assert pace.chunk(writers=0) == int(LONGEST_STEP_SECONDS / 0.003)


def test_a_little_is_read_at_once() -> None:
    pace = Pace(512)
    pace.learn(512, 512 * 0.003)
    assert pace.chunk(writers=0, unread=500) == 512
    assert pace.chunk(writers=1, young=True, unread=500) == pace.chunk(writers=1)


def test_before_anything_is_known_steps_beside_a_writer_are_small() -> None:
    assert Pace(512).chunk(writers=3) == LEAST_CHUNK


def test_a_slow_machine_still_reads() -> None:
    pace = Pace(512)
    pace.learn(512, 100.0)
    assert pace.chunk(writers=1) == LEAST_CHUNK


def test_small_steps_teach_nothing() -> None:
    pace = Pace(512)
    pace.learn(1, 10.0)
    assert pace.chunk(writers=1) == LEAST_CHUNK
    pace.learn(512, 0.01)
    assert pace.chunk(writers=1) == 511


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=8), st.integers(1, 512))
def test_shares_use_the_budget_and_no_more(unread: list[int], budget: int) -> None:
    given_out = shares(unread, budget)
    assert sum(given_out) == min(budget, sum(unread))
    assert all(0 <= share <= length for share, length in zip(given_out, unread, strict=True))


def test_a_short_prompt_does_not_wait_behind_a_long_one_and_the_long_one_moves() -> None:
    long, short = shares([7000, 600], 512)
    assert short > long > 0
