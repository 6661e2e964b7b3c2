"""The servers of this machine: who serves what, and how much memory each has been promised."""

import json
import os
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .budget import check_room, reusable
from .database import Database
from .processes import Process, this_process
from .server import Server, ServerState, Wanted

COLUMNS = "pid, boot, process_started, host, port, state, model, name, context, seats, started_at, heartbeat, promised"
ALL = f"SELECT id, {COLUMNS} FROM servers ORDER BY id"


@dataclass(frozen=True, slots=True)
class Claimed:
    id: int
    taken_over: Sequence[Server]  # they had ended without a word


@dataclass(frozen=True, slots=True)
class Running:
    server: Server


class Servers:
    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, wanted: Wanted, budgets: Mapping[str, int], process: Process | None = None) -> Claimed | Running:
        """Room for a new server, or the running one that does as well; DoesNotFit says who holds the room.

        `budgets` are what all servers of this machine may take together, not what is free at the moment. One
        transaction: of two that ask at once, the second sees what the first was given.
        """
        owner = process or this_process()
        with self._database.transaction() as connection:
            living, dead = _parted(connection.execute(ALL).fetchall())
            _delete(connection, dead)
            running = reusable(wanted, living)
            if running:
                return Running(running)
            check_room(wanted, budgets, living)
            return Claimed(_insert(connection, wanted, owner), dead)

    def update(self, id: int, state: ServerState, port: int | None = None) -> bool:
        """False where there is no such claim any more."""
        statement = "UPDATE servers SET state = ?, port = coalesce(?, port), heartbeat = ? WHERE id = ?"
        return self._database.write(statement, state, port, time.time(), id) == 1

    def beat(self, id: int) -> bool:
        """A sign of life; False where there is no such claim any more."""
        return self._database.write("UPDATE servers SET heartbeat = ? WHERE id = ?", time.time(), id) == 1

    def release(self, id: int) -> None:
        self._database.write("DELETE FROM servers WHERE id = ?", id)

    def living(self) -> Sequence[Server]:
        return _parted(self._database.rows(ALL))[0]


def _parted(rows: Sequence[Any]) -> tuple[Sequence[Server], Sequence[Server]]:
    """Those whose process lives, and those whose process is gone."""
    living: list[Server] = []
    dead: list[Server] = []
    for server in map(_server, rows):
        (living if server.process.alive() else dead).append(server)
    return living, dead


def _delete(connection: sqlite3.Connection, servers: Sequence[Server]) -> None:
    connection.executemany("DELETE FROM servers WHERE id = ?", [(server.id,) for server in servers])


def _insert(connection: sqlite3.Connection, wanted: Wanted, owner: Process) -> int:
    now = time.time()
    # A name that comes from a file name need not be text.
    name = wanted.name.encode("utf-8", "replace").decode()
    model, promised = os.fsencode(wanted.model), json.dumps(dict(wanted.needs))
    what = (wanted.host, wanted.port, ServerState.STARTING, model, name, wanted.context, wanted.seats)
    values = (owner.pid, owner.boot, owner.started, *what, now, now, promised)
    id = connection.execute(
        f"INSERT INTO servers ({COLUMNS}) VALUES ({', '.join('?' * len(values))})", values
    ).lastrowid
    assert id is not None
    return id


def _server(row: Any) -> Server:
    id, pid, boot, started, host, port, state, model, name, context, seats, started_at, heartbeat, promised = row
    process, path = Process(pid, boot, started), Path(os.fsdecode(model))
    times_and_needs = (started_at, heartbeat, json.loads(promised))
    return Server(id, process, host, port, ServerState(state), path, name, context, seats, *times_and_needs)
