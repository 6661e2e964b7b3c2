from itertools import pairwise
from random import Random

from localswarm.federation.membership.doors import ROWS, TOLD_BY_ONE, Doors
from localswarm.federation.nodes import Endpoint

PLACE = (Endpoint("10.0.0.2", 17617),)


def knocks(doors: Doors, seconds: float, since: float = 0.0) -> list[tuple[float, str]]:
    moments = [since + step / 10 for step in range(int(seconds * 10))]
    return [(at, door.id) for at in moments for door in doors.due(at)]


def test_pauses_grow_to_half_a_minute() -> None:
    doors = Doors(Random(1))
    doors.put(0.0, "b", "sighted", PLACE)
    at = [moment for moment, _ in knocks(doors, 200)]
    pauses = [later - earlier for earlier, later in pairwise(at)]
    assert at[0] == 0
    assert all(
        wish * 0.8 <= pause <= wish * 1.2 + 0.2 for wish, pause in zip((1, 2, 4, 8, 16, 30, 30), pauses, strict=False)
    )


def test_forged_sightings_cost_little_and_hold_nobody_up() -> None:
    doors = Doors(Random(1))
    doors.put(0.0, "lost", "lost", PLACE, after=1.0)
    for number in range(10_000):
        doors.put(0.0, f"forged-{number}", "sighted", PLACE)
    doors.put(0.0, "told", "told", PLACE, "a")
    doors.put(0.0, "forged-9999", "spoke", PLACE)
    assert len(doors) <= ROWS["sighted"].most + 3
    found = knocks(doors, 10)
    assert {"told", "forged-9999", "lost"} <= {id for at, id in found if at < 2}
    assert len(found) <= 16 + 10 * 4 + 20


def test_new_sightings_take_the_place_of_those_that_never_answered() -> None:
    doors = Doors(Random(1))
    for number in range(ROWS["sighted"].most):
        doors.put(0.0, f"forged-{number}", "sighted", PLACE)
    doors.put(0.0, "real", "sighted", PLACE)
    assert "real" not in doors
    doors.due(0.0)
    doors.put(0.1, "real", "sighted", PLACE)
    assert "real" in doors
    assert len(doors) == ROWS["sighted"].most


def test_one_teller_does_not_fill_the_row() -> None:
    doors = Doors(Random(1))
    for number in range(5000):
        doors.put(0.0, f"invented-{number}", "told", PLACE, "liar")
    doors.put(0.0, "real", "told", PLACE, "honest")
    assert len(doors) == TOLD_BY_ONE + 1
    # What never opens is forgotten, and the liar may tell again.
    knocks(doors, 120)
    assert len(doors) == 0
    doors.put(130.0, "true", "told", PLACE, "liar")
    assert "true" in doors


def test_a_hint_hastens_though_not_beyond_one_a_second() -> None:
    doors = Doors(Random(1))
    doors.put(0.0, "b", "lost", PLACE)
    assert knocks(doors, 8) != []
    for step in range(80, 110):
        doors.put(step / 10, "b", "told", PLACE, "a")
        doors.due(step / 10)
    assert len(knocks(doors, 1, since=11)) == 1


def test_a_lost_one_is_looked_for_every_eight_seconds() -> None:
    doors = Doors(Random(1))
    doors.put(0.0, "b", "lost", PLACE, after=1.0)
    at = [moment for moment, _ in knocks(doors, 120)]
    assert max(later - earlier for earlier, later in pairwise(at)) < 10


def test_a_removed_door_is_quiet_and_counts_no_more() -> None:
    doors = Doors(Random(1))
    doors.put(0.0, "b", "told", PLACE, "a")
    assert doors.remove("b") is not None
    assert doors.remove("b") is None
    assert knocks(doors, 60) == []
