"""Folders and disks that do not play along; each ends in one sentence, and what was there is intact."""

import os
import shutil
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from localswarm.state import State
from localswarm.state.failures import StateUnusable
from localswarm.state.opening import _alone, _connect


@pytest.mark.skipif(os.name != "posix", reason="permissions are another matter on Windows")
def test_only_the_owner_may_look(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "state"
    with State(folder) as state:
        state.facts.remember("a", "b", 1)
        assert folder.stat().st_mode & 0o777 == 0o700
        modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert modes == dict.fromkeys(("state.db", "state.db-wal", "state.db-shm", "state.lock"), 0o600)


def test_a_folder_that_was_there_keeps_its_permissions(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    State(tmp_path).close()
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_a_folder_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("precious")
    with pytest.raises(StateUnusable, match=r"cannot be written \(Not a directory\).*--state-dir FOLDER"):
        State(tmp_path / "file" / "state")
    assert (tmp_path / "file").read_text() == "precious"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc")
def test_a_folder_where_nobody_may_write() -> None:
    for folder in (Path("/proc/localswarm"), Path("/proc")):
        with pytest.raises(StateUnusable, match=r"state folder /proc\S* cannot be written"):
            State(folder)


@pytest.mark.parametrize("name", ["state.db", "state.lock"])
def test_a_folder_in_the_place_of_a_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(StateUnusable, match="cannot be written"):
        State(tmp_path)


def test_locked_for_too_long(tmp_path: Path) -> None:
    with State(tmp_path, patience=0.1) as state, closing(_connect(state.file, 0.1)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StateUnusable, match=r"locked by another program for too long.*lsof"):
            state.facts.remember("a", "b", 1)
        with pytest.raises(StateUnusable, match="locked"):
            State(tmp_path, patience=0.1)
        assert state.facts.find("a", "b") is None
        other.execute("ROLLBACK")
        state.facts.remember("a", "b", 1)


def test_another_process_hangs_while_it_opens(tmp_path: Path) -> None:
    with _alone(tmp_path / "state.lock", 0.1), pytest.raises(StateUnusable, match=r"lsof \S*state.lock"):
        State(tmp_path, patience=0.1)


def test_something_was_written_into_the_lock(tmp_path: Path) -> None:
    (tmp_path / "state.lock").write_text("no lock" * 1000)
    with pytest.raises(StateUnusable, match=r"Remove it with: rm \S*state.lock"):
        State(tmp_path)


def test_locked_for_a_moment(tmp_path: Path) -> None:
    with State(tmp_path) as state, closing(_connect(state.file, 0.1)) as other:
        other.execute("BEGIN IMMEDIATE")
        later = threading.Timer(0.3, lambda: other.execute("ROLLBACK"))
        later.start()
        state.facts.remember("a", "b", 1)
        later.join()
        assert state.facts.find("a", "b")


# A disk of its own, in a mount namespace that ends with the process.
SMALL_DISK = """
import subprocess, sys
from pathlib import Path
from localswarm.state import State
from localswarm.state.failures import StateUnusable

folder = Path(sys.argv[1])
def mount(*options): subprocess.run(["mount", *options, str(folder)], check=True)
mount("-t", "tmpfs", "-o", "size=400k", "none")
with State(folder) as state:
    state.facts.remember("first", "", 1)
"""
FULL = """
committed = 0
try:
    with State(folder) as state:
        while True:
            state.facts.remember("fact", str(committed), "x" * 1000)
            committed += 1
except StateUnusable as error:
    print(error)
try:
    State(folder).close()
except StateUnusable as error:
    print(error)
mount("-o", "remount,size=4m")
with State(folder) as state:
    assert state.notice is None
    assert committed > 20 and all(state.facts.find("fact", str(number)) for number in range(committed))
"""
READ_ONLY = """
mount("-o", "remount,ro")
try:
    State(folder)
except StateUnusable as error:
    print(error)
mount("-o", "remount,rw")
with State(folder) as state:
    assert state.notice is None and state.facts.find("first", "").value == 1
"""
READ_ONLY_WHILE_RUNNING = """
state = State(folder)
subprocess.run(["mount", "-o", "bind", str(folder), str(folder)], check=True)
mount("-o", "remount,bind,ro")
try:
    State(folder)
except StateUnusable as error:
    print(error)
state.facts.remember("second", "", 2)
"""

own_mounts = pytest.mark.skipif(
    not shutil.which("unshare") or subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode != 0,
    reason="this user may not mount",
)


def on_a_small_disk(folder: Path, script: str) -> list[str]:
    folder.mkdir()
    command = ["unshare", "--mount", sys.executable, "-c", SMALL_DISK + script, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@own_mounts
def test_a_full_disk(tmp_path: Path) -> None:
    said = on_a_small_disk(tmp_path / "disk", FULL)
    assert 1 <= len(said) <= 2
    assert all("full" in line and "--state-dir FOLDER" in line for line in said), said


@own_mounts
@pytest.mark.parametrize("script", [READ_ONLY, READ_ONLY_WHILE_RUNNING])
def test_a_read_only_disk(tmp_path: Path, script: str) -> None:
    (said,) = on_a_small_disk(tmp_path / "disk", script)
    assert said.startswith(f"The state folder {tmp_path}/disk cannot be written (")
    assert said.endswith("--state-dir FOLDER")
