"""What is told to others with every message: what has been told least comes first, and each about 3 log2(n) times, by
which, as epidemics go, everybody has heard it."""

import heapq
from dataclasses import dataclass
from itertools import count
from math import ceil, log2

from ..nodes import Rumour

# Beyond these the stalest makes room.
NEWS_MOST = 1024
# News are brought to so many at once: each of them does the same, and all know within a few tenths of a second.
HURRY = 2


@dataclass(slots=True)
class News:
    rumour: Rumour
    turn: int
    told: int = 0


class Gossip:
    def __init__(self) -> None:
        self._news: dict[str, News] = {}
        self._untold: set[str] = set()
        self._turns = count()

    @property
    def untold(self) -> bool:
        """There is something that hardly anybody was told yet."""
        return bool(self._untold)

    def tell(self, rumour: Rumour) -> None:
        """Of each node only the last word."""
        if rumour.id not in self._news and len(self._news) >= NEWS_MOST:
            self.drop(max(self._news.values(), key=lambda news: news.told).rumour.id)
        self._news[rumour.id] = News(rumour, next(self._turns))
        self._untold.add(rumour.id)

    def drop(self, id: str) -> None:
        self._news.pop(id, None)
        self._untold.discard(id)

    def about(self, id: str) -> Rumour | None:
        news = self._news.get(id)
        return news.rumour if news else None

    def pick(self, limit: int, members: int) -> list[Rumour]:
        """Counted as told, whether it arrives or not."""
        enough = ceil(3 * log2(members + 2))
        # Of what was told as often, the newest first.
        picked = heapq.nsmallest(limit, self._news.values(), key=lambda news: (news.told, -news.turn))
        for news in picked:
            news.told += 1
            if news.told >= HURRY:
                self._untold.discard(news.rumour.id)
            if news.told >= enough:
                self.drop(news.rumour.id)
        return [news.rumour for news in picked]
