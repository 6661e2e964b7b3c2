"""Opens the database: makes it where there is none, puts a damaged one aside, brings an older one up to date."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import count
from pathlib import Path
from shlex import quote

from .failures import ANOTHER_FOLDER, StateUnusable, primary_code, told
from .migrations import APPLICATION, STEPS, migrate, version

FILE = "state.db"
LOCK = "state.lock"
# SQLite keeps these beside a database, and finds them by its name.
COMPANIONS = ("", "-wal", "-shm", "-journal")
# ERROR is what SQLite says to a header that it cannot make sense of.
DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)


def open_database(folder: Path, patience: float) -> tuple[sqlite3.Connection, str | None]:
    """The connection, and a sentence for the user where a damaged database was put aside."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / FILE
    with _alone(folder / LOCK, patience), ExitStack() as failing:
        connection = _connect(file, patience)
        failing.callback(connection.close)
        damage = _damage(connection, file)
        if damage:
            connection.close()
            aside = _put_aside(file)
            connection = _connect(file, patience)
            failing.callback(connection.close)
        _prepare(connection)
        failing.pop_all()
    return connection, _notice(file, damage, aside) if damage else None


@contextmanager
def _alone(lock: Path, patience: float) -> Iterator[None]:
    """One process opens at a time, or two that meet the same damage would put each other's new database aside.

    An empty database is the lock: SQLite locks files on every system, and a lock goes with the process that has it.
    """
    _create(lock)
    with closing(sqlite3.connect(lock, timeout=patience, isolation_level=None)) as connection:
        with told(lock):
            _begin(connection, lock)
        yield


def _begin(connection: sqlite3.Connection, lock: Path) -> None:
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.DatabaseError as error:
        if primary_code(error) not in DAMAGE:
            raise
        raise StateUnusable(f"{lock} is not empty, as it must be. Remove it with: rm {quote(str(lock))}") from None


def _connect(file: Path, patience: float) -> sqlite3.Connection:
    _create(file)
    connection = sqlite3.connect(file, timeout=patience, isolation_level=None, check_same_thread=False)
    # SQLite does not notice a flipped bit in a text; it must not keep the rest from being read.
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    return connection


def _create(file: Path) -> None:
    """For its owner only; SQLite gives its companions the same permissions. A file that is there is not even opened:
    closing it would drop every lock that this process has on it."""
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        pass


def _prepare(connection: sqlite3.Connection) -> None:
    # Off unless asked for: a later table would silently go without.
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    # In WAL mode this survives a killed process with everything, and a power cut with all but the last moments.
    connection.execute("PRAGMA synchronous = NORMAL")
    migrate(connection)


def _damage(connection: sqlite3.Connection, file: Path) -> str | None:
    try:
        known = version(connection)
        if _foreign(connection, known):
            return "it was not made by Local Swarm"
        if known > len(STEPS):
            raise _newer(file, known)
        (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        if primary_code(error) in DAMAGE:
            return str(error)
        raise
    except UnicodeDecodeError:
        # SQLite names what is damaged, and Python cannot read the name.
        return "database disk image is malformed"
    return None if answer == "ok" else str(answer).replace("\n", " ")


def _foreign(connection: sqlite3.Connection, known: int) -> bool:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return application != APPLICATION and bool(application or known or tables)


def _newer(file: Path, known: int) -> StateUnusable:
    return StateUnusable(
        f"{file} was written by a newer Local Swarm (its version is {known}, and this one knows {len(STEPS)}). "
        f"Update this one, or {ANOTHER_FOLDER}"
    )


def _put_aside(file: Path) -> Path:
    aside = _free_name(file)
    for companion in COMPANIONS:
        source = file.with_name(file.name + companion)
        if source.exists():
            source.rename(aside.with_name(aside.name + companion))
    return aside


def _free_name(file: Path) -> Path:
    date = time.strftime("%Y-%m-%d")
    names = (f"{file.stem}-damaged-{date}{f'-{number}' if number > 1 else ''}{file.suffix}" for number in count(1))
    return next(path for path in map(file.with_name, names) if not path.exists())


def _notice(file: Path, damage: str, aside: Path) -> str:
    return (
        f"The state database {file} was damaged ({damage}). It is kept as {aside.name}, and a new one was begun: "
        "models are checked and measured again when they are next used."
    )
