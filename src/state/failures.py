"""What can be wrong with the database, each in a sentence for the user."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote

from ..errors import StartError

ANOTHER_FOLDER = "choose another folder: --state-dir FOLDER"


class StateUnusable(StartError):
    code = "state_unusable"


@contextmanager
def told(file: Path) -> Iterator[None]:
    """What SQLite reports inside becomes a sentence; faults in our own statements pass as they are."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        sentence = describe(primary_code(error), str(error), file)
        if sentence is None:
            raise
        raise StateUnusable(sentence) from None


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's kind of failure, without the details in the higher bits; 0 where it is Python's own."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def describe(code: int, said: str, file: Path) -> str | None:
    match code:
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return unwritable(file.parent, said)
        case sqlite3.SQLITE_FULL:
            return f"The disk that holds {file} is full. Free some space on it, or {ANOTHER_FOLDER}"
        case sqlite3.SQLITE_IOERR:
            return (
                f"{file} cannot be read or written ({said}): its disk is full or failing. Mend it, or {ANOTHER_FOLDER}"
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED | sqlite3.SQLITE_PROTOCOL:
            return f"{file} has been locked by another program for too long. Find it with: lsof {quote(str(file))}"
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return f"{file} is damaged ({said}). Start again: it is then put aside, and a new one begun."
        case sqlite3.SQLITE_ERROR:
            return f"{file} cannot be used ({said}). Put it aside with: mv {quote(str(file))} {quote(f'{file}.old')}"
    return None


def unwritable(folder: Path, why: str) -> str:
    return f"The state folder {folder} cannot be written ({why}). Make it writable, or {ANOTHER_FOLDER}"
