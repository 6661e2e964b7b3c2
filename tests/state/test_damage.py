"""Damaged, foreign and newer databases: one clear sentence, and what was there is kept."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from localswarm.errors import StartError
from localswarm.state import State
from localswarm.state.failures import StateUnusable
from localswarm.state.server import Wanted


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database that is in use since some time: all tables have rows, over several pages."""
    with State(tmp_path) as state:
        for number in range(40):
            state.models.remember(Path(f"/{number}.gguf"), number, number, "found", "ab" * 32)
            state.facts.remember("fact", str(number), "x" * 100)
        state.servers.claim(Wanted(Path("/a.gguf"), "a", 4096, 8, {"ram": 1}), {"ram": 1})
    return tmp_path / "state.db"


def use_everything(state: State) -> None:
    state.models.all()
    state.servers.living()
    for number in range(40):
        state.facts.find("fact", str(number))
    state.facts.remember("new", "one", 1)


def kept(file: Path) -> list[Path]:
    return sorted(file.parent.glob("state-damaged-*.db"))


SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "no database": lambda data: b"This is no database. " * 500,
    "zeros": lambda data: bytes(len(data)),
    "torn": lambda data: data[: len(data) // 2],
    "a torn page": lambda data: data[:-1000],
    "a lost page": lambda data: data[:4096] + bytes(4096) + data[8192:],
    "a swapped page": lambda data: data[:4096] + data[8192:12288] + data[4096:8192] + data[12288:],
}


@pytest.mark.parametrize("kind", SPOILT)
def test_a_damaged_database_is_put_aside_and_a_new_one_begun(file: Path, kind: str) -> None:
    spoilt = SPOILT[kind](file.read_bytes())
    file.write_bytes(spoilt)
    with State(file.parent) as state:
        (aside,) = kept(file)
        assert state.notice and "was damaged" in state.notice and aside.name in state.notice
        assert "\n" not in state.notice
        assert aside.read_bytes() == spoilt
        assert state.models.all() == []
        use_everything(state)
    with State(file.parent) as state:
        assert state.notice is None


def test_one_that_is_damaged_again_on_the_same_day_is_kept_too(file: Path) -> None:
    for text in (b"one" * 999, b"two" * 999):
        file.write_bytes(text)
        State(file.parent).close()
    assert [path.read_bytes()[:3] for path in kept(file)] in ([b"one", b"two"], [b"two", b"one"])


def test_bytes_that_flip_anywhere(file: Path) -> None:
    """Either it is noticed, or it is used; and nothing but a sentence for the user is raised."""
    whole, chance = file.read_bytes(), random.Random(1)
    for _ in range(200):
        data = bytearray(whole)
        # Most of what matters is near the beginning of a page.
        data[chance.randrange(0, len(data), 4096) + int(4096 * chance.random() ** 3)] ^= 1 << chance.randrange(8)
        file.write_bytes(data)
        try:
            with State(file.parent, patience=0.1) as state:
                use_everything(state)
        except StartError as error:
            assert str(file) in error.message or str(file.parent) in error.message
        for path in file.parent.glob("state*"):
            path.unlink()


def test_damage_in_a_name_that_sqlite_repeats(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"sqlite_autoindex_fits", b"s\xf1lite_autoindex_fits"))
    with State(file.parent) as state:
        assert state.notice and "malformed" in state.notice


def test_the_database_of_another_program_is_kept_whole(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE models (theirs TEXT)")
    with State(tmp_path) as state:
        assert state.notice and "was not made by Local Swarm" in state.notice
    with closing(sqlite3.connect(kept(file)[0])) as connection:
        assert connection.execute("SELECT * FROM models").fetchall() == []


def test_a_newer_database_is_refused_and_left_as_it_is(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = file.read_bytes()
    with pytest.raises(StateUnusable, match=r"newer Local Swarm \(its version is 99.*Update this one"):
        State(file.parent)
    assert file.read_bytes() == before and kept(file) == []


def test_damage_that_is_met_while_running_is_told(file: Path) -> None:
    with State(file.parent) as state:
        with State(file.parent) as other:
            # What has been read is read again only where somebody else has written since.
            other.facts.remember("a", "b", 1)
        data = file.read_bytes()
        file.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))
        with pytest.raises(StateUnusable, match=r"is damaged .* Start again"):
            use_everything(state)
    with State(file.parent) as state:
        assert state.notice
