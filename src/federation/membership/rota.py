"""Whose turn it is to be asked: everybody once in a shuffled order, then in another one. Nobody waits for longer than
two passes, which picking by chance would not promise."""

from collections.abc import Iterator
from random import Random


class Rota:
    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._all: dict[str, None] = {}
        self._ahead: list[str] = []

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def add(self, id: str) -> None:
        if id in self._all:
            return
        self._all[id] = None
        self._ahead.insert(self._rng.randrange(len(self._ahead) + 1), id)

    def remove(self, id: str) -> None:
        if id in self._all:
            del self._all[id]
            self._ahead = [other for other in self._ahead if other != id]

    def next(self) -> str:
        """There has to be somebody."""
        if not self._ahead:
            self._ahead = list(self._all)
            self._rng.shuffle(self._ahead)
        return self._ahead.pop()

    def some(self, count: int) -> list[str]:
        """By chance, and out of turn."""
        return self._rng.sample(list(self._all), min(count, len(self._all)))
