"""Ctrl-C, SIGTERM and SIGKILL in the middle, and two starts at once."""

import os
import pty
import signal
import subprocess
import sys

import psutil
import pytest

from .checkout import Checkout, Started, until


def compiling(checkout: Checkout) -> Started:
    checkout.tell_uv("slow")
    started = checkout.start("--auto")
    started.wait_for("compiling llama.cpp [")
    return started


def workers(checkout: Checkout) -> list[psutil.Process]:
    """Everything that still works for the set-up of this checkout."""
    mark = str(checkout.programs / "fake_uv.py")
    return [each for each in psutil.process_iter() if mark in command_of(each)]


def command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_an_interrupted_start_ends_in_one_line_and_leaves_nothing_running(checkout: Checkout, name: str) -> None:
    started = compiling(checkout)
    started.process.send_signal(getattr(signal, name))
    assert started.wait() == 130
    assert started.err.splitlines()[-1].startswith("localswarm: Interrupted. ")
    assert "Traceback" not in started.err
    assert workers(checkout) == []
    assert not checkout.stamp.exists()


def test_the_next_start_after_an_interrupted_one_is_whole(checkout: Checkout) -> None:
    started = compiling(checkout)
    started.process.send_signal(signal.SIGINT)
    started.wait()
    checkout.tell_uv("go")
    assert checkout.run("--auto").wait() == 7


def test_ctrl_c_on_a_terminal(checkout: Checkout) -> None:
    checkout.tell_uv("slow")
    ours, theirs = pty.openpty()
    command = [sys.executable, str(checkout.root / "main.py"), "--auto"]
    process = subprocess.Popen(
        ["/usr/bin/env", "setsid", "--ctty", *command],
        env=checkout.settings(PATH=f"{checkout.programs}:/usr/bin:/bin"),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    seen = read_until(ours, b"/193]")
    os.write(ours, b"\x03")
    seen += read_until(ours, b"same command again.")
    assert process.wait(30) == 130
    os.close(ours)
    assert b"Traceback" not in seen
    assert seen.count(b"\r") > 5, "the line should have been drawn over itself"
    assert workers(checkout) == []


def read_until(terminal: int, text: bytes) -> bytes:
    seen = b""
    while text not in seen:
        seen += os.read(terminal, 1024)
    return seen


def test_after_a_kill_the_next_start_waits_for_the_orphans_and_begins_anew(checkout: Checkout) -> None:
    first = compiling(checkout)
    first.process.kill()
    first.wait()
    assert workers(checkout), "the compile should have outlived its parent"
    second = checkout.start("--auto")
    second.wait_for("another start is setting up this checkout")
    assert not checkout.stamp.exists()
    checkout.tell_uv("go")
    assert second.wait() == 7, second.err
    assert "Ready after" in second.err


def test_of_two_starts_at_once_one_makes_and_one_waits(checkout: Checkout) -> None:
    first = compiling(checkout)
    second = checkout.start("--auto")
    second.wait_for("another start is setting up this checkout")
    checkout.tell_uv("go")
    assert (first.wait(), second.wait()) == (7, 7)
    assert "Ready after" not in second.err
    assert [call[0] for call in checkout.uv_calls()].count("venv") == 1


def test_a_waiting_start_can_be_interrupted_too(checkout: Checkout) -> None:
    first = compiling(checkout)
    second = checkout.start("--auto")
    second.wait_for("another start is setting up this checkout")
    second.process.send_signal(signal.SIGINT)
    assert second.wait() == 130
    checkout.tell_uv("go")
    assert first.wait() == 7


def test_nohup_is_respected(checkout: Checkout) -> None:
    checkout.tell_uv("slow")
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        started = checkout.start("--auto")
    finally:
        signal.signal(signal.SIGHUP, before)
    started.wait_for("compiling llama.cpp [")
    started.process.send_signal(signal.SIGHUP)
    checkout.tell_uv("go")
    assert started.wait() == 7
    until(lambda: workers(checkout) == [], "the workers to end")
