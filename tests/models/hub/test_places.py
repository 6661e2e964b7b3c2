"""Which place the bytes of a file come from, out of how fast each was."""

import pytest
from localswarm.models.hub.places import BETTER, ENOUGH, MOST_BREAKS, TRIAL, Pace, Place, Places

from .neighbours import FakeCopy


def street(count: int) -> tuple[Places, list[FakeCopy]]:
    copies = [FakeCopy(b"", str(number)) for number in range(count)]
    return Places(copies), copies


def goes_on_with(places: Places, place: Place, speed: float) -> Place:
    return places.best() if places.is_left(place, speed) else place


def test_neighbours_come_first_and_in_order() -> None:
    places, copies = street(2)
    assert places.best().copy is copies[0]
    places.failed(places.best(), brought=0)
    assert places.best().copy is copies[1]
    places.failed(places.best(), brought=0)
    assert places.best().copy is None


def test_one_that_is_fast_enough_is_kept() -> None:
    places, _ = street(2)
    first = places.best()
    assert not places.is_left(first, ENOUGH)
    assert places.best() is first


def test_slow_ones_are_left_for_what_was_not_tried_and_then_the_fastest_is_kept() -> None:
    places, copies = street(2)
    seen = [places.best()]
    for speed in (1_000_000, 2_000_000, 500_000, 2_000_000):
        seen.append(goes_on_with(places, seen[-1], speed))
    assert [place.copy for place in seen] == [copies[0], copies[1], None, copies[1], copies[1]]


def test_one_that_slows_down_is_left_again() -> None:
    places, copies = street(1)
    first = places.best()
    hub = goes_on_with(places, first, 1_000_000)
    assert hub.copy is None and not places.is_left(hub, 3_000_000)
    assert goes_on_with(places, hub, 100_000).copy is copies[0]


def test_two_that_are_alike_do_not_take_turns() -> None:
    places, _ = street(1)
    hub = goes_on_with(places, places.best(), 1_000_000)
    assert not places.is_left(hub, 1_000_000 / BETTER)
    assert places.is_left(hub, 990_000 / BETTER)


def test_a_hub_that_fails_gives_way_to_the_slowest_neighbour() -> None:
    places, copies = street(1)
    slow = places.best()
    hub = goes_on_with(places, slow, 1.0)
    places.failed(hub, brought=0)
    assert places.best().copy is copies[0]
    places.failed(slow, brought=0)
    assert places.best() is hub


@pytest.mark.parametrize(("brought", "goes"), [(0, 1), (1, MOST_BREAKS)])
def test_how_often_a_neighbour_may_break_off(brought: int, goes: int) -> None:
    places, copies = street(1)
    asked = 0
    while (place := places.best()).copy is copies[0]:
        places.failed(place, brought)
        asked += 1
    assert asked == goes


def test_the_pace_is_told_once_in_each_trial() -> None:
    pace = Pace(now=100.0)
    assert pace.at(100.0 + TRIAL / 2, 1000) is None
    assert pace.at(100.0 + TRIAL, 1000) == 2000 / TRIAL
    assert pace.at(100.0 + 1.5 * TRIAL, 1000) is None
    assert pace.at(100.0 + 2 * TRIAL, 0) == 1000 / TRIAL
