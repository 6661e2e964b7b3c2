"""One connection to the database, shared by the threads of a process."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .failures import StateUnusable, told, unwritable
from .opening import FILE, open_database

# Transactions last milliseconds. Who waits longer than this waits for something that hangs.
PATIENCE_SECONDS = 5.0


class Database:
    def __init__(self, folder: Path, patience: float) -> None:
        self.file = folder / FILE
        self._lock = threading.RLock()
        try:
            with told(self.file):
                self._connection, self.notice = open_database(folder, patience)
        except OSError as error:
            raise StateUnusable(unwritable(folder, error.strerror or str(error))) from None

    def rows(self, query: str, *values: Any) -> list[Any]:
        with self._lock, told(self.file):
            return self._connection.execute(query, values).fetchall()

    def write(self, statement: str, *values: Any) -> int:
        """How many rows it changed."""
        with self.transaction() as connection:
            return connection.execute(statement, values).rowcount

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing. Immediate: a transaction that begins by reading may not be allowed to write later."""
        with self._lock, told(self.file), self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            yield self._connection

    def close(self) -> None:
        with self._lock, told(self.file):
            self._connection.close()
