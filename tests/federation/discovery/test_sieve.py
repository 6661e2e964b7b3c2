"""How many sightings are passed on."""

from localswarm.federation.discovery.record import Sighting
from localswarm.federation.discovery.sieve import AT_ONCE, MOST_KNOWN, REPEAT_SECONDS, STEADY, Sieve
from localswarm.federation.nodes import Endpoint


def sighting(i: int, tag: str = "ours") -> Sighting:
    return Sighting(f"{i:016x}", tag, 1, "", (Endpoint("10.0.0.1", 1),))


def test_the_same_is_passed_on_seldom() -> None:
    sieve = Sieve("ours")
    times = [now / 10 for now in range(250) if sieve.passes(sighting(1), now / 10)]
    assert times == [0, REPEAT_SECONDS, 2 * REPEAT_SECONDS]


def test_what_has_changed_is_passed_on_at_once() -> None:
    sieve = Sieve("ours")
    assert sieve.passes(sighting(1), 0)
    assert sieve.passes(Sighting("1".zfill(16), "ours", 1, "", (Endpoint("10.0.0.2", 1),)), 0.1)


def test_a_flood_is_held_back_and_bounded() -> None:
    sieve = Sieve("ours")
    passed = sum(sieve.passes(sighting(i), i / 10_000) for i in range(20_000))
    assert AT_ONCE <= passed <= AT_ONCE + 2 * STEADY + 1
    for i in range(3 * MOST_KNOWN):
        sieve.passes(sighting(i), 1000.0 + i)
    assert len(sieve._passed) <= MOST_KNOWN


def test_a_flood_of_strangers_hides_none_of_our_own() -> None:
    sieve = Sieve("ours")
    for i in range(10_000):
        sieve.passes(sighting(i, "other"), i / 10_000)
    assert sieve.passes(sighting(1), 1)


def test_a_flood_hides_none_that_is_known_already() -> None:
    sieve = Sieve("ours")
    assert sieve.passes(sighting(1), 0)
    for i in range(2, 1000):
        sieve.passes(sighting(i), 10)
    assert sieve.passes(sighting(1), 10)
