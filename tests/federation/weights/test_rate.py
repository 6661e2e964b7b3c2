"""All loans together keep to one rate."""

import pytest
from localswarm.federation.weights.rate import SLACK, Rate


@pytest.mark.parametrize("part", [1.0, 0.25])
def test_a_second_brings_what_it_may(part: float) -> None:
    rate, now, sent = Rate(1_000_000), 50.0, 0
    while now < 60.0:
        now += rate.wait(now, 10_000, part) + 0.001  # nobody wakes up at the moment that was asked for
        sent += 10_000
    assert sent == pytest.approx(10_000_000 * part, rel=0.03)


def test_a_pause_is_not_made_up_for() -> None:
    rate = Rate(1_000_000)
    rate.wait(0.0, 10_000)
    sent = 0
    while rate.wait(100.0, 10_000) == 0.0:
        sent += 10_000
    assert sent <= 1_000_000 * SLACK + 10_000
