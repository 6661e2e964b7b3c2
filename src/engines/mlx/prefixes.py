"""Keys and values of tokens that may come again: a radix tree whose nodes hold them, each beginning once. Where a model
keeps states too, a beginning is of use only up to where there is a snapshot of them.

What is used least goes first: pieces from its end, and snapshots wherever they are.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ..beginning import common_length

S = TypeVar("S")
M = TypeVar("M")

# A longer piece would be given up as a whole.
PIECE = 512


@dataclass(eq=False, slots=True)
class Node(Generic[S, M]):
    tokens: list[int]
    state: S | None
    parent: "Node[S, M] | None" = None
    children: "dict[int, Node[S, M]]" = field(default_factory=dict)
    used: int = 0  # by the tree's own clock
    snapshot: M | None = None  # as of its end
    snapped: int = 0  # when the snapshot was made or last taken


@dataclass(frozen=True, slots=True)
class Found(Generic[S, M]):
    length: int
    states: list[S]  # one behind the other
    snapshot: M | None


class Prefixes(Generic[S, M]):
    def __init__(self, cut: Callable[[S, int, int], S], by_snapshot: bool = False) -> None:
        """`cut`: a copy of a part of a state. `by_snapshot`: nothing is of use without one."""
        self.tokens = 0
        self.snapshots = 0
        self._cut = cut
        self._by_snapshot = by_snapshot
        self._root: Node[S, M] = Node([], None)
        self._clock = 0

    def known(self, tokens: Sequence[int]) -> int:
        """How many of these tokens are here."""
        return sum(count for _, count in self._descend(tokens))

    def longest(self, tokens: Sequence[int]) -> int:
        """How many of them are of use."""
        return sum(count for _, count in self._useful(tokens))

    def take(self, tokens: Sequence[int]) -> Found[S, M]:
        path = self._useful(tokens)
        states = [
            self._cut(node.state, 0, count) if count < len(node.tokens) else node.state
            for node, count in path
            if node.state is not None
        ]
        snapshot = None
        if self._by_snapshot and path:
            path[-1][0].snapped = self._clock
            snapshot = path[-1][0].snapshot
        return Found(sum(count for _, count in path), states, snapshot)

    def put(self, tokens: Sequence[int], state_of: Callable[[int, int], S]) -> None:
        """`state_of`: a copy of the state of these tokens between two places; asked only for what is not here."""
        node, begin = self._root, 0
        for place, count in self._descend(tokens):
            node, begin = place, begin + count
            if count < len(place.tokens):
                self._split(place, count)
        while begin < len(tokens):
            part = list(tokens[begin : begin + PIECE])
            child = Node(part, state_of(begin, begin + len(part)), node, used=self._clock)
            node.children[part[0]] = child
            node, begin = child, begin + len(part)
            self.tokens += len(part)

    def mark(self, tokens: Sequence[int], snapshot: M) -> None:
        """Keep it with the last of these tokens, all of which are here."""
        node, count = self._descend(tokens)[-1]
        if count < len(node.tokens):
            self._split(node, count)
        self.snapshots += node.snapshot is None
        node.snapshot, node.snapped = snapshot, self._clock

    def shrink(self) -> bool:
        """Give up the piece or the snapshot that was used longest ago. False: nothing is here."""
        leaf = min((node for node in self._nodes() if not node.children), key=lambda node: node.used, default=None)
        if leaf is None or leaf.parent is None:
            return False
        marked = [node for node in self._nodes() if node.snapshot is not None]
        oldest = min(marked, key=lambda node: node.snapped, default=None)
        if oldest is not None and oldest is not leaf and oldest.snapped < leaf.used:
            self._forget(oldest)
            return True
        self._forget(leaf)
        del leaf.parent.children[leaf.tokens[0]]
        self.tokens -= len(leaf.tokens)
        return True

    def _forget(self, node: Node[S, M]) -> None:
        self.snapshots -= node.snapshot is not None
        node.snapshot = None

    def _useful(self, tokens: Sequence[int]) -> list[tuple[Node[S, M], int]]:
        path = self._descend(tokens)
        while self._by_snapshot and path and (path[-1][0].snapshot is None or path[-1][1] < len(path[-1][0].tokens)):
            path.pop()
        return path

    def _descend(self, tokens: Sequence[int]) -> list[tuple[Node[S, M], int]]:
        """The nodes that these tokens lead through, and how many tokens of each; they are used now."""
        self._clock += 1
        found, node, begin = [], self._root, 0
        while begin < len(tokens) and (child := node.children.get(tokens[begin])):
            count = common_length(child.tokens, list(tokens[begin : begin + len(child.tokens)]))
            child.used = self._clock
            found.append((child, count))
            node, begin = child, begin + count
            if count < len(child.tokens):
                break
        return found

    def _split(self, node: Node[S, M], count: int) -> None:
        assert node.state is not None
        tail = Node(node.tokens[count:], self._cut(node.state, count, len(node.tokens)), node, node.children, node.used)
        for child in tail.children.values():
            child.parent = tail
        tail.snapshot, tail.snapped = node.snapshot, node.snapped
        node.snapshot = None
        node.state = self._cut(node.state, 0, count)
        node.tokens, node.children = node.tokens[:count], {tail.tokens[0]: tail}

    def _nodes(self) -> Iterator[Node[S, M]]:
        places = [self._root]
        while places:
            node = places.pop()
            places += node.children.values()
            if node is not self._root:
                yield node
