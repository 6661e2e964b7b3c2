"""Small things that were measured once, such as the bandwidth of this machine's memory: when, and on what."""

import json
import time
from dataclasses import dataclass

from .database import Database

Value = float | int | str


@dataclass(frozen=True, slots=True)
class Fact:
    value: Value
    measured_at: float


class Facts:
    def __init__(self, database: Database) -> None:
        self._database = database

    def remember(self, name: str, subject: str, value: Value) -> None:
        """`subject` is what it was measured on: after a new processor the old one's bandwidth is nobody's."""
        self._database.write(
            "INSERT OR REPLACE INTO facts (name, subject, value, measured_at) VALUES (?, ?, ?, ?)",
            *(name, subject, json.dumps(value), time.time()),
        )

    def find(self, name: str, subject: str) -> Fact | None:
        query = "SELECT value, measured_at FROM facts WHERE name = ? AND subject = ?"
        rows = self._database.rows(query, name, subject)
        return Fact(json.loads(rows[0][0]), rows[0][1]) if rows else None
