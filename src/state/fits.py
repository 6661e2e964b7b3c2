"""What a model really took when it was loaded, which is better than any estimate of the next time."""

import time
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from .database import Database


@dataclass(frozen=True, slots=True)
class Load:
    """One way to load one file: the same load takes the same memory."""

    file: str  # see `file_key`
    context: int
    seats: int
    kv_type: str  # how keys and values are kept: f16, q8_0 ...
    device_layers: int
    device: str


@dataclass(frozen=True, slots=True)
class Fit:
    ram: int  # bytes, like all four
    device_memory: int
    estimated_ram: int
    estimated_device_memory: int
    engine: str  # its name and version
    reading: float | None = None  # tokens/s of a prompt
    writing: float | None = None  # tokens/s of an answer
    measured_at: float = 0


KEY = [field.name for field in fields(Load)]
VALUES = [field.name for field in fields(Fit)]


class Fits:
    def __init__(self, database: Database) -> None:
        self._database = database

    def remember(self, load: Load, fit: Fit) -> None:
        """The latest wins. The time is now, unless the fit says another."""
        *values, measured_at = astuple(fit)
        self._database.write(
            f"INSERT OR REPLACE INTO fits ({', '.join(KEY + VALUES)}) VALUES ({', '.join('?' * len(KEY + VALUES))})",
            *(*astuple(load), *values, measured_at or time.time()),
        )

    def find(self, load: Load) -> Fit | None:
        where = " AND ".join(f"{name} = ?" for name in KEY)
        rows = self._database.rows(f"SELECT {', '.join(VALUES)} FROM fits WHERE {where}", *astuple(load))
        return Fit(*rows[0]) if rows else None


def file_key(path: Path, size: int, sha256: str | None) -> str:
    """By its content, where that is known: the same file in another folder takes the same."""
    # A name that is not text is told apart by its escapes.
    return sha256 or f"{str(path).encode('utf-8', 'backslashreplace').decode()}:{size}"
