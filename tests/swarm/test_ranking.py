"""The rule, as a table."""

import pytest
from localswarm.swarm.ranking import Entry, ranked

WEAK, STRONG = 0.3, 0.6
TABLE = [
    ("the stronger of two that are free", [Entry(5, strength=WEAK), Entry(9, strength=STRONG)], 1),
    ("also where it is much slower, but takes no minute", [Entry(5, strength=WEAK), Entry(55, strength=STRONG)], 1),
    ("also where it takes minutes, but not much longer", [Entry(50, strength=WEAK), Entry(190, strength=STRONG)], 1),
    ("not where it takes far longer", [Entry(20, strength=WEAK), Entry(90, strength=STRONG)], 0),
    ("a free one before a stronger queue", [Entry(9, strength=WEAK), Entry(12, False, STRONG)], 0),
    ("not where the queue ends sooner", [Entry(12, strength=WEAK), Entry(9, False, STRONG)], 1),
    ("by less than can be foreseen", [Entry(9.5, strength=WEAK), Entry(9, False, STRONG)], 0),
    ("a weaker queue that ends sooner is no reason", [Entry(12, strength=STRONG), Entry(9, False, WEAK)], 0),
    ("the stronger of two queues", [Entry(9, False, WEAK), Entry(12, False, STRONG)], 1),
    ("hardly stronger is equal: the sooner", [Entry(9, strength=0.61), Entry(5, strength=0.6)], 1),
    ("of equals the sooner", [Entry(9), Entry(5)], 1),
    ("warm in a queue loses to cold and free", [Entry(30, False, known=True), Entry(20)], 1),
    ("unless it ends sooner", [Entry(15, False, known=True), Entry(20)], 0),
    ("a conversation stays", [Entry(9), Entry(12, known=True)], 1),
    ("also at a weaker one", [Entry(9, strength=STRONG), Entry(5, strength=WEAK, known=True)], 1),
    ("not where an equal ends in far less time", [Entry(9), Entry(30, known=True)], 0),
    ("a weaker one that ends far sooner is no reason", [Entry(2, strength=WEAK), Entry(30, True, STRONG, True)], 1),
    ("about equally soon: the larger", [Entry(5, parameters=7), Entry(5.1, parameters=9)], 1),
    (
        "about equally soon and large: this node",
        [Entry(5, local=False, parameters=1345), Entry(5.1, parameters=1350)],
        1,
    ),
    ("all the same: as they come", [Entry(5), Entry(5)], 0),
]


@pytest.mark.parametrize(("why", "entries", "first"), TABLE, ids=[row[0] for row in TABLE])
def test_who_comes_first(why: str, entries: list[Entry], first: int) -> None:
    assert ranked(entries)[0] == first
    assert sorted(ranked(entries)) == list(range(len(entries)))


def test_those_that_come_behind_are_in_order_too() -> None:
    entries = [Entry(90, strength=WEAK), Entry(9, False, WEAK), Entry(5, strength=WEAK), Entry(12, False, STRONG)]
    assert ranked(entries) == [2, 3, 1, 0]
