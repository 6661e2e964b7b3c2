"""Vendors' tools that are missing, refused, broken, or hang."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from localswarm.hardware import tools

posix = pytest.mark.skipif(sys.platform == "win32", reason="the tools of these tests are shell scripts")


@pytest.fixture
def tool(tmp_path: Path) -> Path:
    return tmp_path / "tool"


def make(path: Path, script: str, mode: int = 0o755) -> tuple[str, ...]:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(mode)
    return (str(path),)


@posix
def test_what_a_tool_prints(tool: Path) -> None:
    assert tools.run(make(tool, "echo '  some words '; echo complaint >&2")) == "some words"


@posix
def test_what_a_tool_prints_before_it_fails(tool: Path) -> None:
    assert tools.run(make(tool, "echo hw.memsize: 8; echo unknown oid >&2; exit 1")) == "hw.memsize: 8"


@posix
def test_a_tool_that_only_fails_says_why(tool: Path) -> None:
    with pytest.raises(OSError, match="it ended with 9 no driver"):
        tools.run(make(tool, "echo first >&2; echo no driver >&2; exit 9"))


def test_a_tool_that_is_missing() -> None:
    with pytest.raises(FileNotFoundError):
        tools.run(("/nowhere/nvidia-smi",))


@posix
def test_a_tool_that_may_not_be_run(tool: Path) -> None:
    with pytest.raises(PermissionError):
        tools.run(make(tool, "echo never", mode=0o644))


@posix
def test_a_tool_that_hangs_is_ended(tool: Path) -> None:
    began = time.monotonic()
    with pytest.raises(OSError, match=r"no answer in 0\.2 seconds"):
        tools.run(make(tool, "sleep 30"), seconds=0.2)
    assert time.monotonic() - began < 5


def test_one_that_hangs_for_ever_holds_nobody_up() -> None:
    never = threading.Event()
    began = time.monotonic()
    answers, failures = tools.side_by_side({"good": lambda: "yes", "hangs": never.wait, "fails": refuse}, 0.3)
    assert time.monotonic() - began < 5
    never.set()
    assert answers == {"good": "yes"}
    assert failures == {"hangs": "it gave no answer in 0.3 seconds", "fails": "Permission denied"}


def refuse() -> str:
    raise PermissionError(13, "Permission denied")


def test_all_are_asked_at_the_same_time() -> None:
    together = threading.Barrier(3)
    answers, _ = tools.side_by_side({name: lambda: together.wait(5) for name in "abc"}, 5)
    assert sorted(answers) == ["a", "b", "c"]


@posix
def test_a_table_of_gpus(tool: Path) -> None:
    make(tool, 'echo "$@" >&2; echo "index, uuid, name"; echo "0, GPU-a, RTX"')
    assert tools.smi(str(tool)).splitlines() == ["index, uuid, name", "0, GPU-a, RTX"]


@posix
def test_what_is_no_table_of_gpus_is_told(tool: Path) -> None:
    make(tool, "echo 'No devices were found'")
    with pytest.raises(OSError, match="No devices were found"):
        tools.smi(str(tool))


@posix
def test_an_old_driver_is_asked_less(tool: Path) -> None:
    complaint = 'Field "compute_cap" is not a valid field to query.'
    make(
        tool, f"""case "$1" in *compute_cap*) echo '{complaint}'; exit 2;; esac; echo "index, uuid"; echo "0, GPU-a" """
    )
    assert tools.smi(str(tool)).splitlines() == ["index, uuid", "0, GPU-a"]


def test_a_process_can_end_while_a_tool_still_hangs() -> None:
    program = "import time\nfrom localswarm.hardware import tools\n"
    program += "print(tools.side_by_side({'hangs': lambda: time.sleep(60)}, 0.1)[1])"
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=50, check=True)
    assert "no answer" in done.stdout and time.monotonic() - began < 30
