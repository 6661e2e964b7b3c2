"""The small ones: whose turn it is, how often, what is told."""

from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from localswarm.federation.membership.allowance import Allowance
from localswarm.federation.membership.gossip import NEWS_MOST, Gossip
from localswarm.federation.membership.rota import Rota
from localswarm.federation.nodes import Rumour


@given(st.integers(1, 40), st.integers(0, 2**32))
def test_nobody_waits_longer_than_two_passes(size: int, seed: int) -> None:
    rota = Rota(Random(seed))
    for number in range(size):
        rota.add(str(number))
    turns = [rota.next() for _ in range(6 * size)]
    for number in range(size):
        at = [turn for turn, id in enumerate(turns) if id == str(number)]
        assert at[0] < size
        assert all(later - earlier < 2 * size for earlier, later in pairwise(at))


def test_who_is_removed_has_no_turn() -> None:
    rota = Rota(Random(1))
    for id in ("a", "b", "a"):
        rota.add(id)
    rota.remove("a")
    rota.remove("x")
    assert [rota.next(), rota.next()] == ["b", "b"]
    assert len(rota) == 1


def test_an_allowance_is_used_up_and_comes_back() -> None:
    allowance = Allowance(2.0, 3)
    assert [allowance.take(0.0) for _ in range(4)] == [True, True, True, False]
    assert allowance.take(0.5)
    assert not allowance.take(0.5)
    assert [allowance.take(100.0) for _ in range(4)] == [True, True, True, False]


def test_news_are_told_so_often_and_the_least_told_first() -> None:
    gossip = Gossip()
    gossip.tell(Rumour("a", "alive", 1))
    assert gossip.untold
    first = [gossip.pick(1, 14) for _ in range(4)]
    gossip.tell(Rumour("b", "gone", 1))
    assert gossip.pick(1, 14) == [Rumour("b", "gone", 1)]
    told = sum(len(gossip.pick(5, 14)) for _ in range(50))
    assert len(first) + 1 + told == 2 * 12
    assert not gossip.untold


def test_of_each_node_only_the_last_word_is_told() -> None:
    gossip = Gossip()
    gossip.tell(Rumour("a", "suspect", 1))
    gossip.tell(Rumour("a", "alive", 2))
    assert gossip.pick(9, 3) == [Rumour("a", "alive", 2)]


def test_news_are_bounded() -> None:
    gossip = Gossip()
    for number in range(3000):
        gossip.tell(Rumour(str(number), "alive", 1))
    assert len(gossip.pick(9999, 3)) == NEWS_MOST
