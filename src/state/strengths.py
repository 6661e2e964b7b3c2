"""How good the answers of a model were, on this machine: its self-test, and what became of the calls that it wrote."""

import time
from dataclasses import dataclass

from .database import Database


@dataclass(frozen=True, slots=True)
class Score:
    right: int
    asked: int


@dataclass(frozen=True, slots=True)
class Calls:
    """As of the time `at`; the older ones count less."""

    good: float
    bad: float
    at: float


class Strengths:
    """`model` is known by its file, see `file_key`: the same file under another name is as good."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def remember_test(self, model: str, engine: str, test: str, score: Score) -> None:
        """`test`: the version of its questions."""
        columns = "model, engine, test, passed, asked, tested_at"
        self._database.write(
            f"INSERT OR REPLACE INTO self_tests ({columns}) VALUES (?, ?, ?, ?, ?, ?)",
            *(model, engine, test, score.right, score.asked, time.time()),
        )

    def find_test(self, model: str, engine: str, test: str) -> Score | None:
        query = "SELECT passed, asked FROM self_tests WHERE model = ? AND engine = ? AND test = ?"
        rows = self._database.rows(query, model, engine, test)
        return Score(*rows[0]) if rows else None

    def remember_calls(self, model: str, calls: Calls) -> None:
        self._database.write(
            "INSERT OR REPLACE INTO call_outcomes (model, good, bad, at) VALUES (?, ?, ?, ?)",
            *(model, calls.good, calls.bad, calls.at),
        )

    def find_calls(self, model: str) -> Calls | None:
        rows = self._database.rows("SELECT good, bad, at FROM call_outcomes WHERE model = ?", model)
        return Calls(*rows[0]) if rows else None
