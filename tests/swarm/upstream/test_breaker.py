"""When a server that failed is asked again."""

from localswarm.swarm.upstream.breaker import FAILURES, LONGEST_PAUSE, TRIAL_SECONDS, Breaker


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_closed_open_and_half_open() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    pauses = []
    for failures in range(1, FAILURES + 8):
        breaker.asked()
        breaker.failed()
        assert bool(breaker.wait) == (failures >= FAILURES)
        pauses.append(breaker.wait)
        clock.now += breaker.wait
        assert breaker.wait == 0
    assert pauses == [0, 0, 1, 2, 4, 8, 16, 32, LONGEST_PAUSE, LONGEST_PAUSE]
    # Half-open: the first is the trial, and nobody else is let through.
    breaker.asked()
    assert breaker.wait == TRIAL_SECONDS
    breaker.succeeded()
    assert breaker.wait == 0
    breaker.failed()
    assert breaker.wait == 0


def test_a_trial_that_never_ends_stands_in_nobody_s_way() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(FAILURES):
        breaker.failed()
    clock.now += breaker.wait
    breaker.asked()
    clock.now += TRIAL_SECONDS
    assert breaker.wait == 0


def test_it_is_left_alone_as_long_as_it_says() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    breaker.hold(7)
    breaker.hold(3)
    assert breaker.wait == 7
    clock.now += 7
    assert breaker.wait == 0
