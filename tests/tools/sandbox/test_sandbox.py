"""Programs that try to get out of the sandbox, to see what they must not, and to use up the machine."""

import os
import socket
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from localswarm.tools.sandbox import Limits, NoSandbox, Sandbox, find

PYTHON = "/usr/bin/python3"
MIB = 2**20


def shell(sandbox: Sandbox, script: str, limits: Limits | None = None) -> tuple[int | None, str]:
    done = sandbox.run(["sh", "-c", script], limits=limits)
    return done.code, done.output


def python(sandbox: Sandbox, script: str) -> str:
    return sandbox.run([PYTHON, "-I", "-c", script]).output


def test_a_program_runs_and_its_outcome_is_told(sandbox: Sandbox) -> None:
    done = sandbox.run(["sh", "-c", "cat; pwd; echo wrong >&2; exit 3"], "café\n")
    assert (done.code, done.output) == (3, "café\n/tmp\nwrong\n")
    assert 0 < done.seconds < 10


def test_nothing_is_left_for_the_next_one(sandbox: Sandbox) -> None:
    assert shell(sandbox, "echo here > /tmp/file && cat /tmp/file") == (0, "here\n")
    assert shell(sandbox, "ls -A /tmp") == (0, "")


@pytest.mark.parametrize("place", ["/etc/shadow", "/etc/passwd", "/root", str(Path.home()), "/var", "/sys", __file__])
def test_files_of_the_machine_are_not_there(sandbox: Sandbox, place: str) -> None:
    assert Path(place).exists()
    code, said = shell(sandbox, f"ls -d {place}")
    assert code and "No such file" in said


def test_what_is_readable_is_so_and_no_more(sandbox: Sandbox, tmp_path: Path) -> None:
    for folder in ("shown", "hidden"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "file").write_text(folder)
    _open_to_all(tmp_path)
    shown = tmp_path / "shown"
    done = sandbox.run(["sh", "-c", f"cat {shown}/file; ls {tmp_path}; touch {shown}/new"], readable=[shown])
    assert done.output.startswith("shownshown\n") and "Read-only" in done.output
    assert not (shown / "new").exists()


@pytest.mark.parametrize("process", ["1", "self", "$PPID"])
def test_our_environment_is_not_seen(sandbox: Sandbox, process: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "do-not-tell")
    code, said = shell(sandbox, f"cat /proc/{process}/environ | tr '\\0' '\\n'; env")
    assert code == 0 and "HOME=/tmp" in said
    assert "do-not-tell" not in said and str(os.environ["PATH"]) not in said


def test_other_processes_are_not_seen(sandbox: Sandbox) -> None:
    assert len(shell(sandbox, "ls -d /proc/[0-9]*")[1].split()) < 6


def test_there_is_no_network(sandbox: Sandbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        said = python(
            sandbox,
            "import socket\n"
            f"for place in (('127.0.0.1', {port}), ('1.1.1.1', 53)):\n"
            "    try: socket.create_connection(place, 2); print('reached')\n"
            "    except OSError as error: print(type(error).__name__)\n"
            "try: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('1.1.1.1', 53)); print('sent')\n"
            "except OSError as error: print(type(error).__name__)\n",
        )
    assert said.split() == ["ConnectionRefusedError", "OSError", "OSError"]


@pytest.mark.parametrize("place", ["/", "/usr", "/bin", "/dev", "/dev/shm", "/proc", "/etc", "/home"])
def test_nothing_is_written_elsewhere(sandbox: Sandbox, place: str) -> None:
    code, _ = shell(sandbox, f"mkdir -p {place} && touch {place}/planted")
    assert code
    assert not (Path(place) / "planted").exists()


def test_a_fork_bomb_ends(sandbox: Sandbox) -> None:
    before = len(psutil.pids())
    begun = time.monotonic()
    code, said = shell(sandbox, "b() { b | b & }; b; sleep 1; b; sleep 60", Limits(seconds=4))
    assert code is None and "fork" in said
    assert time.monotonic() - begun < 15
    _until(lambda: len(psutil.pids()) < before + 50)


def test_threads_are_bounded(sandbox: Sandbox) -> None:
    said = python(
        sandbox,
        "import threading, time\n"
        "try:\n"
        "    for at in range(100): threading.Thread(target=time.sleep, args=(3,), daemon=True).start()\n"
        "except RuntimeError: print('bounded', at < 16)\n",
    )
    assert "bounded True" in said


def test_a_gigabyte_is_not_written(sandbox: Sandbox) -> None:
    limits = Limits(folder=8 * MIB, file=4 * MIB)
    _, said = shell(sandbox, "head -c 1G /dev/zero > big; stat -c %s big", limits)
    assert said.split()[-1] == str(4 * MIB)
    _, said = shell(sandbox, "for at in 1 2 3 4; do head -c 3M /dev/zero > $at; done; du -sm .", limits)
    assert "No space left" in said and int(said.split()[-2]) <= 8


def test_output_without_an_end(sandbox: Sandbox) -> None:
    done = sandbox.run(["yes"], limits=Limits(file=MIB, output=1000))
    assert done.code not in (0, None) and done.output == "y\n" * 500


def test_memory_is_bounded(sandbox: Sandbox) -> None:
    assert "MemoryError" in python(sandbox, "bytearray(2 * 2**30)")


def test_the_clock_and_the_processor_are_bounded(sandbox: Sandbox) -> None:
    assert shell(sandbox, "sleep 60", Limits(seconds=0.5))[0] is None
    code, _ = shell(sandbox, "while :; do :; done", Limits(seconds=60, cpu_seconds=1))
    assert code not in (0, None)


@pytest.mark.parametrize("ending", ["exit 0", "sleep 60"])
def test_a_child_in_a_session_of_its_own_does_not_live_on(sandbox: Sandbox, ending: str) -> None:
    mark = f"{uuid.uuid4().int % 10**6 + 10**6}"
    shell(sandbox, f"setsid -f sleep {mark}; setsid -f nohup sleep {mark}; sleep 0.3; {ending}", Limits(seconds=3))
    _until(lambda: not _running(mark))


def test_nobody_gets_rights(sandbox: Sandbox) -> None:
    _, said = shell(sandbox, "id -u; grep -E '^(CapEff|NoNewPrivs)' /proc/self/status; unshare -Ur id -u")
    lines = said.split("\n")
    assert lines[0] != "0" and lines[1].endswith("0000000000000000") and lines[2].endswith("1")
    assert "unshare" in lines[3], "no namespace inside the namespace"


def test_where_there_is_none_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoSandbox, match="not installed"):
        find()
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho no permission to create a namespace >&2\nexit 1\n")
    fake.chmod(0o755)
    _open_to_all(tmp_path)
    with pytest.raises(NoSandbox, match="no permission to create a namespace"):
        find()
    # One that only passes on what it is to run would be no sandbox.
    fake.write_text('#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done; shift; cd /tmp; exec "$@"\n')
    with pytest.raises(NoSandbox):
        find()


def _open_to_all(folder: Path) -> None:
    """The sandbox of root runs as another user."""
    for one in (folder, *folder.parents[:3]):
        if one.stat().st_uid == os.getuid() and one != Path("/tmp"):
            one.chmod(one.stat().st_mode | 0o055)


def _running(mark: str) -> bool:
    return any(
        mark in process.info["cmdline"] for process in psutil.process_iter(["cmdline"]) if process.info["cmdline"]
    )


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)
