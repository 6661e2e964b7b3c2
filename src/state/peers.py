"""The other nodes of our swarm: where they were last, which of them may not come back, and how often a node started."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .database import Database

# Homes and offices have tens; whoever has not been heard for longest goes first.
MOST_PEERS = 1000

Places = tuple[tuple[str, int], ...]  # hosts and ports


@dataclass(frozen=True, slots=True)
class KnownPeer:
    id: str
    name: str
    endpoints: Places
    last_heard: float = 0  # seconds since 1970


@dataclass(frozen=True, slots=True)
class Denied:
    id: str
    name: str
    at: float


class Peers:
    """Those that proved to be of our swarm, and never those that were only seen."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def remember(self, peers: Sequence[KnownPeer]) -> None:
        """All at once. The time is now, unless they say another."""
        now = time.time()
        rows = [(one.id, one.name, json.dumps(one.endpoints), one.last_heard or now) for one in peers]
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO peers (id, name, endpoints, last_heard) VALUES (?, ?, ?, ?)", rows
            )
            connection.execute(
                "DELETE FROM peers WHERE id NOT IN (SELECT id FROM peers ORDER BY last_heard DESC, id LIMIT ?)",
                (MOST_PEERS,),
            )

    def all(self) -> list[KnownPeer]:
        """Those heard last come first."""
        query = "SELECT id, name, endpoints, last_heard FROM peers ORDER BY last_heard DESC, id"
        return list(map(_known, self._database.rows(query)))

    def forget(self, id: str) -> None:
        self._database.write("DELETE FROM peers WHERE id = ?", id)

    def forget_all(self) -> None:
        """They are of a swarm that we left."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM peers")
            connection.execute("DELETE FROM denied")

    def deny(self, id: str, name: str = "") -> None:
        """It may not come back. The first time counts."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM peers WHERE id = ?", (id,))
            connection.execute("INSERT OR IGNORE INTO denied (id, name, at) VALUES (?, ?, ?)", (id, name, time.time()))

    def denied(self) -> list[Denied]:
        """The latest first."""
        return [Denied(*row) for row in self._database.rows("SELECT id, name, at FROM denied ORDER BY at DESC, id")]

    def allow(self, id: str) -> bool:
        """False where it was not denied."""
        return self._database.write("DELETE FROM denied WHERE id = ?", id) == 1


class Starts:
    """Whoever starts again must be told from who was there before, and clocks are not to be trusted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def next(self, id: str) -> int:
        """How often the node with this id has been started, this time included."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO starts (id, number) VALUES (?, 1) ON CONFLICT (id) DO UPDATE SET number = number + 1",
                (id,),
            )
            return int(connection.execute("SELECT number FROM starts WHERE id = ?", (id,)).fetchone()[0])


def _known(row: Any) -> KnownPeer:
    id, name, endpoints, heard = row
    return KnownPeer(id, name, tuple((str(host), int(port)) for host, port in json.loads(endpoints)), heard)
