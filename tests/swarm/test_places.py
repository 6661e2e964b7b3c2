from collections.abc import Sequence

from localswarm.errors import ContextOverflow, UpstreamFault
from localswarm.swarm.places import Place, Places
from localswarm.swarm.routing import Choice
from localswarm.swarm.seats import Seats

from .polled import Named


def places(*members: Named, idle: bool = True) -> Places:
    with Seats().guest() as guest:
        return Places([Choice(member, member.served()) for member in members], guest, idle)


def taken(found: Places, count: int, must: bool = False) -> list[str]:
    return _names([found.next(must) for _ in range(count)])


def _names(found: Sequence[Place | None]) -> list[str]:
    return [place.choice.member.name if place else "-" for place in found]


def test_other_members_come_before_more_seats_of_one() -> None:
    found = places(Named("a", [], seats=3), Named("b", [], seats=1), Named("c", [], seats=2))
    assert taken(found, 7) == ["a", "b", "c", "a", "c", "a", "-"]


def test_idle_seats_alone_unless_it_must_be() -> None:
    busy = [Named("a", [], seats=2, running=2), Named("b", [], seats=2, running=1)]
    assert taken(places(*busy), 2) == ["b", "-"]
    assert taken(places(*busy), 1, must=True) == ["a"]
    assert taken(places(*busy, idle=False), 5) == ["b", "a", "a", "b", "-"]


def test_one_seat_is_nobody_to_ask_beside() -> None:
    assert places(Named("a", [], seats=1)).only_one
    assert places(Named("a", [], seats=2, running=1)).only_one
    assert not places(Named("a", [], seats=2)).only_one
    assert not places(Named("a", [], seats=2, running=1), idle=False).only_one


def test_who_failed_is_not_asked_again() -> None:
    found = places(Named("a", []), Named("b", []))
    first = found.next(True)
    assert first
    found.without(first, UpstreamFault("Gone."))
    assert taken(found, 2) == ["b", "b"]


def test_what_fits_nowhere_is_not_tried_elsewhere() -> None:
    found = places(Named("a", []), Named("b", []))
    first = found.next(True)
    assert first
    found.without(first, ContextOverflow(9000, 8192))
    assert found.next(True) is None
