"""Which tokens lie in which sequence: a radix tree over tokens. Pure.

Each sequence of the engine's memory has one end in the tree; it covers every node from the root to there, and
sequences that share a node share its cells. A node lives as long as a sequence ends in it or below it, so
`cells`, the sum over all nodes, is what the sequences in the tree take together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..beginning import common_length

Tokens = Sequence[int]


@dataclass(eq=False, slots=True)
class Node:
    tokens: list[int]
    parent: "Node | None" = None
    children: dict[int, "Node"] = field(default_factory=dict)
    ends: set[int] = field(default_factory=set)
    depth: int = 0  # tokens from the root to the end of this node
    used: int = 0  # by the tree's own clock

    def path(self) -> "Iterator[Node]":
        node: Node | None = self
        while node is not None:
            yield node
            node = node.parent


@dataclass(frozen=True, slots=True)
class Match:
    length: int
    seq: int | None


class PrefixTree:
    def __init__(self) -> None:
        self.cells = 0
        self._root = Node([])
        self._ends: dict[int, Node] = {}
        self._clock = 0

    def __contains__(self, seq: int) -> bool:
        return seq in self._ends

    def length(self, seq: int) -> int:
        return self._ends[seq].depth

    def tokens(self, seq: int) -> list[int]:
        parts = [node.tokens for node in self._ends[seq].path()]
        return [token for part in reversed(parts) for token in part]

    def own(self, seq: int) -> int:
        """How many cells nobody else covers: what would be free without it."""
        count, node = 0, self._ends[seq]
        if node.children or len(node.ends) > 1:
            return 0
        for place in node.path():
            if place is not node and (len(place.children) > 1 or place.ends):
                break
            count += len(place.tokens)
        return count

    def longest(self, tokens: Tokens) -> Match:
        """The longest beginning of these tokens that some sequence covers, whole or in part."""
        node, length = self._descend(tokens)
        self._touch(node)
        return Match(length, self._any_end(node)) if length else Match(0, None)

    def longest_whole(self, tokens: Tokens, among: set[int]) -> Match:
        """The same, where only whole sequences count: for memory that cannot be cut."""
        node, length = self._descend(tokens)
        for place in node.path():
            whole = place.ends & among
            if whole and place.depth <= length and place is not self._root:
                self._touch(place)
                return Match(place.depth, min(whole))
        return Match(0, None)

    def put(self, seq: int, tokens: Tokens) -> Match:
        """The sequence covers these tokens now. Returns how many of them another one covered before, and which."""
        old = self._ends.pop(seq, None)
        if old is not None and self._grows_alone(seq, old, tokens):
            self._append(old, list(tokens[old.depth :]))
            self._ends[seq] = old
            return Match(0, None)
        node, length = self._descend(tokens)
        shared = Match(length, self._any_end(node, unless=seq)) if length else Match(0, None)
        node = self._split(node, length)
        if length < len(tokens):
            node = self._grow(node, list(tokens[length:]))
        if old is not None:
            old.ends.discard(seq)
        node.ends.add(seq)
        self._ends[seq] = node
        self._touch(node)
        if old is not None:
            self._prune(old)
        return shared

    def drop(self, seq: int) -> None:
        node = self._ends.pop(seq)
        node.ends.discard(seq)
        self._prune(node)

    def shorten(self, seq: int, count: int) -> int:
        """Take up to so many tokens from the sequence's end that it shares with none; its new length."""
        node = self._ends[seq]
        if node.children or len(node.ends) > 1:
            return node.depth
        kept = max(0, len(node.tokens) - count)
        if kept and node.parent is not None:
            self.cells -= len(node.tokens) - kept
            node.depth -= len(node.tokens) - kept
            del node.tokens[kept:]
            return node.depth
        parent = node.parent
        assert parent is not None
        if parent is self._root:
            self.drop(seq)
            return 0
        parent.ends.add(seq)
        self.drop(seq)
        self._ends[seq] = parent
        return parent.depth

    def oldest(self, among: set[int]) -> int | None:
        """The least recently used of these sequences that has an end of its own to give."""
        leaves = [
            (node.used, seq)
            for seq, node in self._ends.items()
            if seq in among and not node.children and node.ends <= among
        ]
        return min(leaves)[1] if leaves else None

    def oldest_whole(self, among: set[int]) -> int | None:
        """The least recently used of these sequences, wherever it ends."""
        return min(among & self._ends.keys(), key=lambda seq: self._ends[seq].used, default=None)

    def covered_by(self, seqs: set[int]) -> int:
        """The cells of these sequences, shared ones counted once."""
        nodes = {node for seq in seqs if seq in self._ends for node in self._ends[seq].path()}
        return sum(len(node.tokens) for node in nodes)

    def redundant(self, among: set[int]) -> int | None:
        """One of these sequences whose every cell another one covers as well."""
        for seq, node in self._ends.items():
            if seq in among and (node.children or len(node.ends) > 1):
                return seq
        return None

    def _descend(self, tokens: Tokens) -> tuple[Node, int]:
        """The deepest node that these tokens reach into, and how many of them are covered."""
        node, length = self._root, 0
        while length < len(tokens) and (child := node.children.get(tokens[length])):
            run = common_length(child.tokens, list(tokens[length : length + len(child.tokens)]))
            node, length = child, length + run
            if run < len(child.tokens):
                break
        return node, length

    def _grows_alone(self, seq: int, node: Node, tokens: Tokens) -> bool:
        """Is this the plain case: a leaf of its own that only gets longer? (The caller's tokens only ever grow.)"""
        return not node.children and node.ends == {seq} and len(tokens) >= node.depth and node is not self._root

    def _append(self, node: Node, tokens: list[int]) -> None:
        node.tokens += tokens
        node.depth += len(tokens)
        self.cells += len(tokens)

    def _split(self, node: Node, length: int) -> Node:
        """The node that ends at exactly this length on the way to `node`."""
        over = node.depth - length
        if over == 0:
            return node
        assert node.parent is not None
        at = len(node.tokens) - over
        upper = Node(node.tokens[:at], node.parent, depth=length, used=node.used)
        upper.parent.children[upper.tokens[0]] = upper  # type: ignore[union-attr]
        node.tokens = node.tokens[at:]
        node.parent = upper
        upper.children[node.tokens[0]] = node
        return upper

    def _grow(self, parent: Node, tokens: list[int]) -> Node:
        child = Node(tokens, parent, depth=parent.depth + len(tokens))
        parent.children[tokens[0]] = child
        self.cells += len(tokens)
        return child

    def _prune(self, node: Node) -> None:
        while node.parent is not None and not node.ends and not node.children:
            del node.parent.children[node.tokens[0]]
            self.cells -= len(node.tokens)
            node = node.parent

    def _any_end(self, node: Node, unless: int = -1) -> int | None:
        places = [node]
        while places:
            place = places.pop()
            ends = place.ends - {unless}
            if ends:
                return min(ends)
            places += place.children.values()
        return None

    def _touch(self, node: Node) -> None:
        self._clock += 1
        for place in node.path():
            place.used = self._clock
