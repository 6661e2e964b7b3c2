"""A writer that is killed at any moment leaves a whole database with everything that it had committed."""

import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from localswarm.state import State

ROOT = Path(__file__).parents[2]
ROUNDS, WRITERS = 20, 2


def start(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.state.writer", str(folder)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def kill_after(writer: subprocess.Popen[str], seconds: float) -> int:
    """How many pairs it said were committed."""
    assert writer.stdout and writer.stdout.readline() == "open\n"
    time.sleep(seconds)
    writer.kill()
    said, _ = writer.communicate()
    assert writer.returncode == -signal.SIGKILL
    return said.count("\n")


def pairs(connection: sqlite3.Connection, writer: subprocess.Popen[str]) -> tuple[int, int]:
    query = "SELECT count(*) FROM facts WHERE name = ?"
    left, right = (connection.execute(query, (f"{writer.pid}-{side}",)).fetchone()[0] for side in ("left", "right"))
    return left, right


def check(folder: Path, committed: dict[subprocess.Popen[str], int]) -> None:
    with State(folder) as state:
        assert state.notice is None
        assert state.servers.living() == []
    with sqlite3.connect(folder / "state.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        for writer, count in committed.items():
            left, right = pairs(connection, writer)
            # The last pair may be committed and not said.
            assert left == right and left in (count, count + 1)
    connection.close()


def test_writers_are_killed_at_random_moments(tmp_path: Path) -> None:
    chance = random.Random(17615)
    written = 0
    for round in range(ROUNDS):
        folder = tmp_path / str(round % 3)
        writers = [start(folder) for _ in range(WRITERS)]
        # From the middle of opening, which takes 3 ms, to past the first checkpoint.
        committed = {each: kill_after(each, chance.choice((0.004, 0.1)) * chance.random()) for each in writers}
        check(folder, committed)
        written += sum(committed.values())
    assert written > 200
