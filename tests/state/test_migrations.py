"""Databases of every older version are brought up to date, or left as they are."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from localswarm.state import State
from localswarm.state.migrations import STEPS, migrate, version

DUMPS = sorted(Path(__file__).parent.glob("version_*.sql"))


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as opened:
        yield opened


def schema(connection: sqlite3.Connection) -> list[str]:
    return [" ".join(sql.split()) for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql NOT NULL")]


def test_there_is_a_dump_of_every_version() -> None:
    """Made with `.dump` when the version was released; it shows that a step was never changed afterwards."""
    assert [dump.name for dump in DUMPS] == [f"version_{number}.sql" for number in range(1, len(STEPS) + 1)]


@pytest.mark.parametrize("number", range(1, len(STEPS) + 1))
def test_the_steps_make_what_they_made_when_they_were_new(number: int, connection: sqlite3.Connection) -> None:
    migrate(connection, STEPS[:number])
    with closing(sqlite3.connect(":memory:")) as dumped:
        dumped.executescript(DUMPS[number - 1].read_text())
        assert sorted(schema(connection)) == sorted(schema(dumped))


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.stem)
def test_what_an_older_version_wrote_is_still_known(dump: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "state.db")) as connection:
        connection.executescript(dump.read_text())
    with State(tmp_path) as state:
        assert state.notice is None
        assert state.models.sha256(Path("/models/a.gguf"), 1000, 5) == "ab"
        fact = state.facts.find("bandwidth", "a processor")
        assert fact and fact.value == 38.25


def plant(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE models ADD COLUMN stars INTEGER")


def fail(connection: sqlite3.Connection) -> None:
    connection.execute("DROP TABLE facts")
    connection.execute("DROP TABLE nothing")


def test_only_the_steps_that_are_missing_are_taken(connection: sqlite3.Connection) -> None:
    migrate(connection)
    migrate(connection, [*STEPS, plant])
    migrate(connection, [*STEPS, plant])
    assert version(connection) == len(STEPS) + 1
    assert connection.execute("SELECT stars FROM models").fetchall() == []


def test_a_step_that_fails_leaves_everything_as_it_was(connection: sqlite3.Connection) -> None:
    migrate(connection)
    before = schema(connection)
    with pytest.raises(sqlite3.OperationalError, match="nothing"):
        migrate(connection, [*STEPS, plant, fail])
    assert version(connection) == len(STEPS) and schema(connection) == before
