from localswarm.swarm.names import Names
from localswarm.swarm.routing import Choice
from localswarm.swarm.seats import Guest, Seats

from .polled import Named


def choice(seats: int, name: str = "a") -> Choice:
    member = Named(name, [], seats=seats)
    return Choice(member, member.served())


def taken(guest: Guest, of: Choice, count: int) -> list[int]:
    return [guest.take(of)[1] for _ in range(count)]


def test_two_at_once_sit_apart_as_long_as_there_are_seats() -> None:
    seats, room = Seats(), choice(4)
    with seats.guest() as one, seats.guest() as two:
        assert (taken(one, room, 2), taken(two, room, 3)) == ([0, 1], [2, 3, 0])


def test_one_request_names_each_of_its_answers_otherwise() -> None:
    with Seats().guest() as guest:
        first = guest.take(choice(2))
        guest.leave(first)
        assert taken(guest, choice(2), 3) == [1, 2, 3]


def test_a_seat_that_two_wait_for_is_free_when_both_have_left() -> None:
    seats, room = Seats(), choice(1)
    with seats.guest() as three:
        with seats.guest() as one:
            with seats.guest() as two:
                assert taken(one, room, 1) == taken(two, room, 1) == [0]
            two.leave(("a", 0))
            assert seats.taken(room) == {0}
        assert seats.taken(room) == set()
        assert taken(three, room, 1) == [0]


def test_it_is_known_by_its_first_seat_on_a_member() -> None:
    with Seats().guest() as guest:
        guest.take(choice(3))
        guest.take(choice(3))
        assert guest.of(choice(3)) == Names().of("a", 0)
        assert guest.of(choice(3, "b")) == Names().of("b", 0)


def test_answers_side_by_side_have_a_seat_each_as_far_as_there_are_some() -> None:
    with Seats().guest() as guest:
        assert [at for _, at in guest.several(choice(2), 3)] == [0, 1]
