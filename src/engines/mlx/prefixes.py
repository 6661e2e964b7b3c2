"""Keys and values of tokens that may come again: a radix tree whose nodes hold them, each beginning once.

What is used least goes first, in pieces from its end.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ..beginning import common_length

S = TypeVar("S")

# A longer piece would be given up as a whole.
PIECE = 512


@dataclass(eq=False, slots=True)
class Node(Generic[S]):
    tokens: list[int]
    state: S | None
    parent: "Node[S] | None" = None
    children: "dict[int, Node[S]]" = field(default_factory=dict)
    used: int = 0  # by the tree's own clock


class Prefixes(Generic[S]):
    def __init__(self, cut: Callable[[S, int, int], S]) -> None:
        """`cut`: a copy of a part of a state."""
        self.tokens = 0
        self._cut = cut
        self._root: Node[S] = Node([], None)
        self._clock = 0

    def longest(self, tokens: Sequence[int]) -> int:
        """How many of these tokens are here."""
        return sum(count for _, count in self._descend(tokens))

    def take(self, tokens: Sequence[int]) -> list[S]:
        """The states of those that are here, one behind the other."""
        return [
            self._cut(node.state, 0, count) if count < len(node.tokens) else node.state
            for node, count in self._descend(tokens)
            if node.state is not None
        ]

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

    def shrink(self) -> bool:
        """Give up the piece that was used longest ago. False: nothing is here."""
        leaf = min((node for node in self._nodes() if not node.children), key=lambda node: node.used, default=None)
        if leaf is None or leaf.parent is None:
            return False
        del leaf.parent.children[leaf.tokens[0]]
        self.tokens -= len(leaf.tokens)
        return True

    def _descend(self, tokens: Sequence[int]) -> list[tuple[Node[S], int]]:
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

    def _split(self, node: Node[S], count: int) -> None:
        assert node.state is not None
        tail = Node(node.tokens[count:], self._cut(node.state, count, len(node.tokens)), node, node.children, node.used)
        for child in tail.children.values():
            child.parent = tail
        node.state = self._cut(node.state, 0, count)
        node.tokens, node.children = node.tokens[:count], {tail.tokens[0]: tail}

    def _nodes(self) -> Iterator[Node[S]]:
        places = [self._root]
        while places:
            node = places.pop()
            places += node.children.values()
            if node is not self._root:
                yield node
