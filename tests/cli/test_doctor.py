"""`doctor`: what each check finds on a machine that is well, and on one that is not."""

import argparse
import json
import os
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from localswarm.cli.checks import machine, network, places, python
from localswarm.cli.checks.finding import Check, Finding, Situation, ok
from localswarm.cli.doctor import CHECKS, as_json, examine, in_words
from localswarm.settings import Settings
from localswarm.state import State
from localswarm.state.server import Wanted

from ..lan.netlab import Host
from ..running import RunningNode
from .command import answering, run

WORDS = argparse.Namespace(config=None)


@pytest.fixture
def situation(tmp_path: Path) -> Situation:
    return Situation(Settings(state_dir=tmp_path, port=0, offline=True), WORDS)


@pytest.fixture
def having(situation: Situation) -> Callable[..., Situation]:
    return lambda **more: replace(situation, settings=replace(situation.settings, **more))


def test_this_machine(tmp_path: Path, island: Host) -> None:
    words = ("--offline", "--federation", "--port", "0", "--state-dir", str(tmp_path))
    said = island.call(run, "doctor", "--json", *words)
    found = json.loads(said.stdout)
    assert said.returncode == 0, said.stdout
    assert found["ok"] and [check["number"] for check in found["checks"]] == list(range(1, len(CHECKS) + 1))
    assert all(check["cause"] and check["verdict"] in ("ok", "warn") for check in found["checks"])
    engine = next(check for check in found["checks"] if check["name"] == "engine")
    assert "llama-cpp-python 0." in engine["cause"]


def test_wrong_settings_are_a_finding_and_not_the_end(tmp_path: Path, island: Host) -> None:
    """The checks go on with the defaults, whatever the variables say."""
    file = tmp_path / "c.toml"
    file.write_text("prot = 1\n")
    said = island.call(run, "doctor", "--offline", "--config", str(file))
    assert said.returncode == 1 and said.stderr == ""
    lines = said.stdout.splitlines()
    at = next(at for at, line in enumerate(lines) if "FAIL" in line)
    assert "unknown key 'prot'" in lines[at] and "Did you mean port?" in lines[at + 1]
    assert "1 failed" in said.stdout


def test_a_check_that_breaks_or_hangs_is_a_failed_check(situation: Situation) -> None:
    def breaks(_: Situation) -> Finding:
        raise ZeroDivisionError("by nought")

    def hangs(_: Situation) -> Finding:
        time.sleep(2)
        return ok("late")

    checks = (Check("breaks", breaks), Check("hangs", hangs), Check("works", lambda _: ok("fine")))
    found = list(examine(checks, situation, seconds=0.2))
    assert [finding.verdict for _, finding in found] == ["fail", "fail", "ok"]
    assert "ZeroDivisionError: by nought" in found[0][1].cause and "no result" in found[1][1].cause
    assert as_json(found)[2] == {"number": 3, "name": "works", "verdict": "ok", "cause": "fine", "mend": ""}
    assert in_words(1, *found[0]).splitlines()[0].startswith("  1  FAIL  breaks")


def test_state_folders(tmp_path: Path, having: Callable[..., Situation]) -> None:
    assert "can be written" in places.check_state_folder(having()).cause
    assert "can be made" in places.check_state_folder(having(state_dir=tmp_path / "a" / "b")).cause
    assert list(tmp_path.iterdir()) == [], "a check changes nothing"
    file = tmp_path / "file"
    file.touch()
    found = places.check_state_folder(having(state_dir=file / "below"))
    assert found.verdict == "fail" and "is a file" in found.cause and "--state-dir" in found.mend


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_state_folder_without_rights(tmp_path: Path, having: Callable[..., Situation]) -> None:
    tmp_path.chmod(0o500)
    assert places.check_state_folder(having()).verdict == "fail"
    assert places.check_state_folder(having(state_dir=tmp_path / "a")).verdict == "fail"


def test_a_folder_of_the_kernel_cannot_be_written(having: Callable[..., Situation]) -> None:
    if Path("/proc/sys").is_dir():
        assert places.check_state_folder(having(state_dir=Path("/proc/x"))).verdict == "fail"


def test_disk_space(having: Callable[..., Situation]) -> None:
    assert "GB are free" in places.check_disk(having(state_dir=Path("/nonexistent/a"))).cause


def test_packages() -> None:
    wanted = ["llama-cpp-python==0.0.1", "no-such-package>=1", "psutil>=6", "other; sys_platform == 'none'"]
    wrong = list(python.wrong_packages(wanted))
    assert len(wrong) == 2 and wrong[0].endswith("instead of 0.0.1") and wrong[1] == "no-such-package is missing"


def test_features_of_an_engine() -> None:
    assert machine.features("CPU : SSE3 = 1 | AVX512 = 0 | REPACK = 1 | ") == ["SSE3", "REPACK"]
    assert machine.features("") == []


def test_ports(node: RunningNode, having: Callable[..., Situation]) -> None:
    port = int(node.base.rsplit(":", 1)[1].removesuffix("/v1"))
    found = network.check_port(having(port=port))
    assert found.verdict == "ok" and "our own node holds" in found.cause
    with answering({"/health": (503, b'{"status": "engine_died", "message": "It ended."}')}) as (url, _):
        port = int(url.rsplit(":", 1)[1])
        mine = having(port=port)
        with State(mine.settings.state_dir) as state:
            state.servers.claim(Wanted(Path("m.gguf"), "m", 0, 0, {}, "localhost", port), {})
            found = network.check_port(mine)
    assert found.verdict == "warn" and found.cause == f"our own node holds port {port}, but: It ended."
    with answering({}) as (url, _):
        port = int(url.rsplit(":", 1)[1])
        found = network.check_port(having(port=port))
    assert found.verdict == "fail" and f"--port {port + 1}" in found.mend
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert network.check_port(having(port=port)).cause == f"port {port} is free"
    found = network.check_port(having(port=5000, host="203.0.113.9"))
    assert found.verdict == "fail" and "--host" in found.mend


def test_hubs(having: Callable[..., Situation]) -> None:
    assert "offline" in network.check_hub(having()).cause
    with answering({"/": (200, b"")}) as (url, _):
        assert network.check_hub(having(offline=False, hub=url)).verdict == "ok"
    found = network.check_hub(having(offline=False, hub=url))
    assert found.verdict == "warn" and "--offline" in found.mend


def test_the_clock(situation: Situation) -> None:
    assert network.check_clock(situation).verdict == "ok"
