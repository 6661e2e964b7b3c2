"""The model files that are known on this machine, so that the hash of one is computed once."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .database import Database

Origin = Literal["downloaded", "found", "embedded"]

COLUMNS = "path, size, mtime_ns, origin, sha256, checked_at, used_at"
STILL_TRUE = "excluded.sha256 IS NULL AND (size, mtime_ns) = (excluded.size, excluded.mtime_ns)"


@dataclass(frozen=True, slots=True)
class KnownModel:
    path: Path
    size: int
    mtime_ns: int
    origin: Origin
    sha256: str | None = None
    checked_at: float | None = None  # when the hash was computed
    used_at: float | None = None


class Models:
    def __init__(self, database: Database) -> None:
        self._database = database

    def remember(self, path: Path, size: int, mtime_ns: int, origin: Origin, sha256: str | None = None) -> None:
        """A hash that is known stays, for as long as the file is the same."""
        self._database.write(
            f"""INSERT INTO models (path, size, mtime_ns, origin, sha256, checked_at) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (path) DO UPDATE SET size = excluded.size, mtime_ns = excluded.mtime_ns,
                origin = excluded.origin,
                sha256 = CASE WHEN {STILL_TRUE} THEN sha256 ELSE excluded.sha256 END,
                checked_at = CASE WHEN {STILL_TRUE} THEN checked_at ELSE excluded.checked_at END""",
            *(os.fsencode(path), size, mtime_ns, origin, sha256, time.time() if sha256 else None),
        )

    def sha256(self, path: Path, size: int, mtime_ns: int) -> str | None:
        """The hash of this file, if it was computed and the file has not changed since."""
        model = self.find(path)
        return model.sha256 if model and (model.size, model.mtime_ns) == (size, mtime_ns) else None

    def find(self, path: Path) -> KnownModel | None:
        rows = self._database.rows(f"SELECT {COLUMNS} FROM models WHERE path = ?", os.fsencode(path))
        return _known(rows[0]) if rows else None

    def all(self) -> list[KnownModel]:
        """Those used last come first."""
        rows = self._database.rows(f"SELECT {COLUMNS} FROM models ORDER BY used_at DESC NULLS LAST, path")
        return list(map(_known, rows))

    def used(self, path: Path) -> None:
        self._database.write("UPDATE models SET used_at = ? WHERE path = ?", time.time(), os.fsencode(path))

    def forget(self, path: Path) -> None:
        self._database.write("DELETE FROM models WHERE path = ?", os.fsencode(path))


def _known(row: Any) -> KnownModel:
    path, *rest = row
    return KnownModel(Path(os.fsdecode(path)), *rest)
