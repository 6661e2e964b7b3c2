"""The radix tree against a model of it that is too simple to be wrong."""

import hypothesis.strategies as st
from hypothesis import given, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from localswarm.engines.beginning import common_length
from localswarm.engines.llama_cpp.prefixes import PrefixTree

TOKENS = st.lists(st.integers(1, 3), min_size=1, max_size=8)
SEQS = st.integers(0, 4)


@given(st.lists(st.integers(0, 2)), st.lists(st.integers(0, 2)))
def test_common_length(a: list[int], b: list[int]) -> None:
    length = common_length(a, b)
    assert a[:length] == b[:length]
    assert length in (len(a), len(b)) or a[length] != b[length]


class TreeMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.tree = PrefixTree()
        self.held: dict[int, list[int]] = {}

    @rule(seq=SEQS, more=st.lists(st.integers(1, 3), max_size=8))
    def put(self, seq: int, more: list[int]) -> None:
        if not self.held.get(seq, more):
            return
        others = {s: tokens for s, tokens in self.held.items() if s != seq}
        tokens = self.held.get(seq, []) + more
        before = len(self.held.get(seq, []))
        shared = self.tree.put(seq, tokens)
        best = max((common_length(tokens, other) for other in others.values()), default=0)
        if best > before:
            assert shared.length == best
            assert shared.seq in others and common_length(tokens, others[shared.seq]) == best
        self.held[seq] = tokens

    @rule(seq=SEQS)
    def drop(self, seq: int) -> None:
        if seq in self.held:
            self.tree.drop(seq)
            del self.held[seq]

    @rule(seq=SEQS, count=st.integers(1, 9))
    def shorten(self, seq: int, count: int) -> None:
        if seq not in self.held:
            return
        others = [tokens for s, tokens in self.held.items() if s != seq]
        tokens = self.held[seq]
        own = len(tokens) - max((common_length(tokens, other) for other in others), default=0)
        length = self.tree.shorten(seq, count)
        assert len(tokens) - min(own, count) <= length <= len(tokens)
        self.held[seq] = tokens[:length]
        if not length:
            assert seq not in self.tree
            del self.held[seq]

    @rule(tokens=TOKENS)
    def longest(self, tokens: list[int]) -> None:
        match = self.tree.longest(tokens)
        assert match.length == max((common_length(tokens, held) for held in self.held.values()), default=0)
        if match.length:
            assert match.seq is not None
            assert common_length(tokens, self.held[match.seq]) == match.length

    @rule(tokens=TOKENS, among=st.sets(SEQS))
    def longest_whole(self, tokens: list[int], among: set[int]) -> None:
        whole = [h for s, h in self.held.items() if s in among and tokens[: len(h)] == h]
        match = self.tree.longest_whole(tokens, among)
        assert match.length == max(map(len, whole), default=0)
        assert (match.seq in among) == bool(whole)

    @invariant()
    def cells_are_the_distinct_prefixes(self) -> None:
        prefixes = {tuple(h[: n + 1]) for h in self.held.values() for n in range(len(h))}
        assert self.tree.cells == len(prefixes)
        assert self.tree.covered_by(set(self.held)) == len(prefixes)

    @invariant()
    def every_sequence_is_where_it_should_be(self) -> None:
        assert {seq: self.tree.length(seq) for seq in self.held} == {s: len(h) for s, h in self.held.items()}

    @invariant()
    def what_is_redundant_costs_nothing(self) -> None:
        seq = self.tree.redundant(set(self.held))
        if seq is not None:
            others = [h for s, h in self.held.items() if s != seq]
            assert any(h[: len(self.held[seq])] == self.held[seq] for h in others)


TestTree = TreeMachine.TestCase
TestTree.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)


def test_the_least_recently_used_leaf_goes_first() -> None:
    tree = PrefixTree()
    tree.put(0, [1, 2, 3])
    tree.put(1, [1, 2, 4])
    tree.put(2, [5])
    tree.longest([1, 2, 3])
    assert tree.oldest({0, 1, 2}) == 1
    assert tree.oldest({0, 2}) == 2
    assert tree.oldest(set()) is None
