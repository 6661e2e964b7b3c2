from random import Random

import pytest
from localswarm.federation.membership.actions import Action, Knock, Probe, ProbeThrough
from localswarm.federation.membership.membership import Membership
from localswarm.federation.nodes import Condition, Endpoint, Rumour

PLACE = (Endpoint("10.0.0.2", 17617),)
ELSEWHERE = (Endpoint("10.0.0.9", 17617),)


def of(*ids: str, own: str = "me") -> Membership:
    """Everybody answered at second 0."""
    membership = Membership(own, 100, Random(1), instance="first")
    membership.moved((Endpoint("10.0.0.1", 17617),))
    for id in ids:
        membership.heard(0.0, id, 7, 0.001)
    return membership


def ticks(membership: Membership, since: float, until: float) -> list[Action]:
    actions: list[Action] = []
    for step in range(round(since * 10), round(until * 10)):
        actions += membership.tick(step / 10)
    return actions


def silent(membership: Membership, id: str, since: float, until: float, hard: bool = False) -> None:
    """Everybody answers but one, through others too."""
    for step in range(round(since * 10), round(until * 10)):
        for action in membership.tick(step / 10):
            if isinstance(action, ProbeThrough):
                membership.through(step / 10, action.id, False)
            elif action.id == id:
                membership.missed(step / 10, id, hard)
            else:
                membership.heard(step / 10, action.id, 7, 0.001)


def test_one_that_was_sighted_is_knocked_on_and_believed_once_it_answers() -> None:
    membership = of()
    membership.sighted(0.0, "b", PLACE)
    assert membership.standings() == []
    assert membership.tick(0.0) == [Knock("b", PLACE, 2.0)]
    membership.heard(0.1, "b", 7, 0.002)
    assert membership.alive() == ("b",)
    standing = membership.standing("b")
    assert standing and (standing.condition, standing.incarnation, standing.endpoints) == ("alive", 7, PLACE)


def test_two_misses_make_a_suspect_and_one_refusal_does() -> None:
    membership = of("b", "c", "d")
    membership.missed(1.0, "b", hard=False)
    assert membership.condition("b") == "alive"
    membership.missed(2.0, "b", hard=False)
    membership.missed(2.0, "c", hard=True)
    assert membership.alive() == ("d",)


def test_a_doubted_one_is_asked_again_at_once_and_through_others() -> None:
    membership = of("b", "c", "d", "e")
    membership.missed(1.0, "b", hard=False)
    actions = membership.tick(1.0)
    assert next(action.id for action in actions if isinstance(action, Probe)) == "b"
    (through,) = [action for action in actions if isinstance(action, ProbeThrough)]
    assert through.id == "b" and set(through.helpers) == {"c", "d", "e"}


def test_a_silent_one_is_gone_and_told_of() -> None:
    membership = of("b", "c", "d")
    silent(membership, "b", 1.0, 4.0)
    assert membership.condition("b") == "suspect"
    silent(membership, "b", 4.0, 7.5)
    assert membership.condition("b") == "gone"
    assert Rumour("b", "gone", 7) in membership.rumours(32, "c")


def test_one_that_others_reach_is_never_gone_and_not_routed_to() -> None:
    membership = of("b", "c", "d")
    for step in range(10, 600):
        for action in membership.tick(step / 10):
            if isinstance(action, ProbeThrough):
                membership.through(step / 10, "b", True)
            elif action.id == "b":
                membership.missed(step / 10, "b", False)
            else:
                membership.heard(step / 10, action.id, 7)
    assert membership.condition("b") == "suspect"
    assert "suspect" not in {rumour.condition for rumour in membership.rumours(32, "c")}


def test_a_node_that_hears_nobody_accuses_nobody() -> None:
    membership = of("b", "c")
    for step in range(10, 100):
        for action in membership.tick(step / 10):
            if isinstance(action, Probe):
                membership.missed(step / 10, action.id, False)
    assert {membership.condition("b"), membership.condition("c")} == {"gone"}
    assert {rumour.condition for rumour in membership.rumours(32, "b")} == {"alive"}


@pytest.mark.parametrize(("incarnation", "condition"), [(7, "gone"), (8, "gone"), (6, "alive")])
def test_a_goodbye_counts_unless_it_is_of_an_earlier_start(incarnation: int, condition: Condition) -> None:
    membership = of("b")
    membership.left(1.0, "b", incarnation)
    assert membership.condition("b") == condition


def test_one_that_left_is_not_knocked_on_until_it_is_seen_again() -> None:
    membership = of("b")
    membership.left(1.0, "b", 7)
    assert ticks(membership, 1, 60) == []
    membership.sighted(60.0, "b", ELSEWHERE)
    assert membership.tick(60.0) == [Knock("b", ELSEWHERE, 2.0)]


@pytest.mark.parametrize("said", ["suspect", "gone"])
def test_what_others_say_makes_us_ask_and_ends_nobody(said: Condition) -> None:
    membership = of("b", "c")
    membership.take(5.0, [Rumour("b", said, 7)], "c")
    assert membership.condition("b") == "alive"
    assert "b" in [action.id for action in membership.tick(5.0)]
    # It is told what is said of it, and objects.
    assert Rumour("b", said, 7) in membership.rumours(32, "b")
    membership.heard(5.1, "b", 8)
    assert Rumour("b", "alive", 8) in membership.rumours(32, "c")


@pytest.mark.parametrize(
    ("said", "hard", "expected"),
    [("suspect", False, "suspect"), ("suspect", True, "suspect"), ("gone", False, "suspect"), ("gone", True, "gone")],
)
def test_what_others_say_and_one_miss_of_our_own(said: Condition, hard: bool, expected: Condition) -> None:
    membership = of("b", "c")
    membership.take(5.0, [Rumour("b", said, 7)], "c")
    membership.missed(5.5, "b", hard)
    assert membership.condition("b") == expected


@pytest.mark.parametrize(
    "rumour", [Rumour("b", "gone", 6), Rumour("b", "gone", -1), Rumour("b", "gone", 2**60), Rumour("x", "gone", 9)]
)
def test_stale_and_impossible_accusations_are_nothing(rumour: Rumour) -> None:
    membership = of("b", "c")
    membership.take(5.0, [rumour], "c")
    membership.missed(5.5, "b", hard=False)
    assert membership.condition("b") == "alive"


def test_who_is_accused_raises_its_incarnation() -> None:
    membership = of("b")
    start = membership.incarnation
    membership.take(1.0, [Rumour("me", "suspect", start)], "b")
    assert membership.incarnation == start + 1
    membership.take(1.0, [Rumour("me", "gone", start - 5)], "b")
    membership.take(1.0, [Rumour("me", "alive", start + 50)], "b")
    assert membership.incarnation == start + 1
    assert membership.rumours(32, "b")[0].incarnation == start + 1


def test_what_a_node_says_itself_counts_also_where_it_is_less() -> None:
    membership = of("b", "c")
    membership.take(1.0, [Rumour("b", "alive", 2**40)], "c")
    membership.heard(2.0, "b", 9)
    standing = membership.standing("b")
    assert standing and standing.incarnation == 9


def test_told_of_a_stranger_we_knock_and_pass_nothing_on() -> None:
    membership = of("b", "c")
    membership.take(1.0, [Rumour("x", "alive", 3, PLACE)], "b")
    assert Knock("x", PLACE, 2.0) in membership.tick(1.0)
    assert "x" not in {rumour.id for rumour in membership.rumours(32, "c")}


def test_a_newcomer_is_told_of_everybody() -> None:
    membership = of("b", "c", "d")
    while membership.rumours(32, "b"):
        pass
    told = {rumour.id for rumour in membership.rumours(32, "newcomer")}
    assert told == {"me", "b", "c", "d"}


def test_a_stranger_that_speaks_is_knocked_on_and_its_own_addresses_stay_first() -> None:
    membership = of("b")
    membership.take(1.0, [Rumour("x", "alive", 3, PLACE)], "x")
    assert Knock("x", PLACE, 2.0) in membership.tick(1.0)
    membership.heard(1.1, "x", 3)
    membership.take(1.2, [Rumour("x", "alive", 3, PLACE)], "x")
    for host in range(50):
        membership.sighted(2.0, "x", (Endpoint(f"10.6.6.{host}", 1),))
    standing = membership.standing("x")
    assert standing and standing.endpoints[0] == PLACE[0] and len(standing.endpoints) <= 16


def test_a_late_listener_accuses_nobody() -> None:
    membership = of("b", "c")
    asked = [action.id for action in ticks(membership, 0, 1)]
    for id in asked:
        membership.missed(9.0, id, hard=False)
        membership.missed(9.0, id, hard=False)
    assert set(asked) == {"b", "c"} == set(membership.alive())
    assert {action.id for action in membership.tick(9.0) if isinstance(action, Probe)} == {"b", "c"}


def test_after_a_lag_questions_wait_longer() -> None:
    membership = of("b")
    membership.lagged(0.0, 2.0)
    (probe,) = [action for action in ticks(membership, 0, 1.5) if isinstance(action, Probe)][:1]
    assert probe.within == pytest.approx(2.4)


def test_one_that_comes_back_again_and_again_is_believed_later() -> None:
    membership = of("b", "c")
    waits = []
    for start in range(0, 120, 20):
        silent(membership, "b", start, start + 9)
        assert membership.condition("b") == "gone"
        membership.heard(start + 9, "b", 7)
        waits.append(trial(membership, start + 9))
    assert waits[:2] == [0, 0]
    assert waits == sorted(waits) and waits[-1] > 2


def trial(membership: Membership, since: float) -> float:
    """How long it stays a suspect, of the next eleven seconds, though it answers."""
    suspected = 0
    for step in range(110):
        suspected += membership.condition("b") == "suspect"
        answering(membership, since + step / 10)
    return suspected / 10


def answering(membership: Membership, at: float) -> None:
    for action in membership.tick(at):
        membership.heard(at, action.id, 7)


def test_a_denied_one_is_forgotten_and_refused() -> None:
    membership = of("b", "c")
    membership.deny({"b"})
    membership.heard(1.0, "b", 9)
    membership.sighted(1.0, "b", PLACE)
    membership.take(1.0, [Rumour("b", "alive", 9, PLACE), Rumour("x", "alive", 9, PLACE)], "b")
    assert membership.alive() == ("c",) and membership.condition("b") is None
    assert {action.id for action in ticks(membership, 1, 5)} == {"c"}


@pytest.mark.parametrize(("instance", "clash"), [("first", False), ("second", True), ("", False)])
def test_a_copied_key_is_found_where_we_are_said_to_be_elsewhere(instance: str, clash: bool) -> None:
    membership = of("b")
    membership.take(1.0, [Rumour("me", "alive", 3, ELSEWHERE)], "b")
    assert Knock("me", ELSEWHERE, 2.0) in membership.tick(1.0)
    membership.heard(1.1, "me", 3, 0.001, instance)
    assert membership.clash is clash
    assert membership.alive() == ("b",)


def test_our_own_addresses_are_no_clash() -> None:
    membership = of("b")
    membership.sighted(1.0, "me", (Endpoint("10.0.0.1", 17617),))
    assert all(action.id != "me" for action in ticks(membership, 1, 10))


def test_a_new_address_is_told_with_a_new_incarnation() -> None:
    membership = of("b")
    before = membership.incarnation
    membership.moved(ELSEWHERE)
    assert Rumour("me", "alive", before + 1, ELSEWHERE) in membership.rumours(32, "b")
    membership.moved(ELSEWHERE)
    assert membership.incarnation == before + 1


@pytest.mark.parametrize(("size", "a_second"), [(1, 1), (3, 3), (14, 2), (40, 2)])
def test_so_many_are_asked_each_second(size: int, a_second: int) -> None:
    membership = of(*(f"n{number}" for number in range(size)))
    while membership.rumours(32, "n0"):
        pass
    count = 0
    for step in range(300):
        for action in membership.tick(step / 10):
            membership.heard(step / 10, action.id, 7)
            count += 1
    assert count == pytest.approx(30 * a_second, abs=4)


def test_what_is_gone_for_an_hour_is_forgotten() -> None:
    membership = of("b")
    membership.left(1.0, "b", 7)
    membership.tick(3000.0)
    assert membership.condition("b") == "gone"
    membership.tick(3700.0)
    assert membership.standings() == []


def test_where_a_node_is_becomes_news_when_it_says_so() -> None:
    """Two that knocked at once are known before they have told of their addresses."""
    membership = of("b", "c")
    for _ in range(100):
        membership.rumours(32, "c")
    word = Rumour("b", "alive", 7, PLACE)
    membership.take(1.0, [word], "b")
    assert word in membership.rumours(32, "c")


def test_members_are_told_again_what_they_may_have_missed() -> None:
    membership = of("b", "c")
    for _ in range(100):
        membership.rumours(32, "c")
    again = {rumour.id for _ in range(100) for rumour in membership.rumours(32, "c")}
    assert {"me", "b"} <= again
