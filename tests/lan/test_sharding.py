"""One model on two machines: real nodes with the real model, in a lab."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from localswarm.federation import identity
from localswarm.federation.code import Code

from ..engines.llama_cpp import rpc_server
from .netlab import Host, Lab, freeze, kill, thaw

MODEL = "smollm2:135m:q4_1"
CODE = Code.new()
WORDS = ["--model", MODEL, "--offline", "--context", "1024", "--instances", "2", "--threads", "1", "--self-test", "off"]
HELD = "which holds a part of this model, "
ASK = """
import json, sys, urllib.request, urllib.error
body = {"model": sys.argv[1], "messages": [{"role": "user", "content": "Write a story about a lighthouse."}],
    "temperature": 0, "max_tokens": int(sys.argv[2]), "swarm": {"local_only": True}}
asked = urllib.request.Request("http://localhost:17615/v1/chat/completions", json.dumps(body).encode(),
    {"Content-Type": "application/json"})
try:
    print(urllib.request.urlopen(asked, timeout=100).read().decode())
except urllib.error.HTTPError as error:
    print(error.read().decode())
"""
LOOK = """
import urllib.request
print(urllib.request.urlopen("http://localhost:17615/v1/federation/health", timeout=20).read().decode())
"""


# Two real nodes are started, and one of them twice more.
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(autouse=True)
def built() -> None:
    rpc_server.needed()


class Node:
    def __init__(self, host: Host, folder: Path, code: Code, *words: str) -> None:
        self.host = host
        self.folder = folder / host.name
        self.folder.mkdir(mode=0o700, exist_ok=True)
        identity.keep_code(self.folder, code)
        self._log = self.folder / "output"
        command = [
            sys.executable,
            "-m",
            "localswarm.cli",
            "--federation",
            *WORDS,
            "--state-dir",
            str(self.folder),
            *words,
        ]
        with self._log.open("w") as log:
            self.process = host.popen(command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)

    @property
    def output(self) -> str:
        return self._log.read_text()

    def ready(self) -> "Node":
        end = time.monotonic() + 90
        while "try it" not in self.output:
            assert time.monotonic() < end and self.process.poll() is None, self.output
            time.sleep(0.1)
        return self

    def asking(self, tokens: int) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", ASK, MODEL, str(tokens)]
        return self.host.popen(command, stdout=subprocess.PIPE, text=True)

    def look(self) -> dict[str, Any]:
        return answer(self.host.popen([sys.executable, "-c", LOOK], stdout=subprocess.PIPE, text=True))

    def ask(self, tokens: int = 40) -> dict[str, Any]:
        return answer(self.asking(tokens))


def answer(asking: "subprocess.Popen[str]") -> dict[str, Any]:
    said: dict[str, Any] = json.loads(asking.communicate(timeout=110)[0])
    return said


def text(said: dict[str, Any]) -> str:
    content: str = said["choices"][0]["message"]["content"]
    return content


@contextmanager
def sharded(tmp_path: Path, *words: str) -> Iterator[tuple[Lab, Node, Node]]:
    """h1 lends to h2."""
    with Lab(2, seed=1) as lab:
        lender = Node(lab["h1"], tmp_path, CODE, "--lend").ready()
        asker = Node(lab["h2"], tmp_path, CODE, "--shard", "h1", *words).ready()
        yield lab, lender, asker


def listeners(host: Host) -> list[tuple[str, int]]:
    code = (
        "import json, psutil; print(json.dumps([(c.laddr.ip, c.laddr.port) for c in psutil.net_connections('tcp') "
        "if c.status == 'LISTEN']))"
    )
    listening = host.popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    return [(ip, port) for ip, port in json.loads(listening.communicate(timeout=30)[0])]


def test_the_same_text_and_nothing_of_the_rpc_to_be_reached(tmp_path: Path) -> None:
    with sharded(tmp_path, "--gpu-layers", "15") as (_, lender, asker):
        assert "assigned to device RPC0" in (asker.folder / "engine.log").read_text()
        assert text(asker.ask()) == text(lender.ask())
        (borrowed,), (lent,) = asker.look()["borrowed"], lender.look()["lent"]
        assert (borrowed["name"], borrowed["state"]) == ("h1", "alive") and lent["name"] == "h2"
        assert lent["bytes"] > 0 < borrowed["bytes"] and asker.look()["lent"] is None
        for node in (lender, asker):
            open_to_all = {port for ip, port in listeners(node.host) if not ip.startswith("127.") and ip != "::1"}
            assert open_to_all == {17617}
        assert len({port for ip, port in listeners(lender.host) if ip == "127.0.0.1"}) == 2


def test_a_lender_that_is_killed_stands_still_or_is_away_is_told_in_seconds_and_comes_back(tmp_path: Path) -> None:
    with sharded(tmp_path) as (lab, lender, asker):
        expected = text(asker.ask())
        stopped: list[psutil.Process] = []

        def stand_still() -> None:
            freeze(lender.process)
            stopped.extend(psutil.Process(lender.process.pid).children())
            for child in stopped:
                child.suspend()

        def go_on() -> None:
            thaw(lender.process)
            for child in stopped:
                with suppress(psutil.NoSuchProcess):
                    child.resume()

        faults: list[tuple[Callable[[], object], Callable[[], object], int]] = [
            (lambda: lab.partition(["h1"], ["h2"]), lab.heal, 9),
            (stand_still, go_on, 9),
            (lambda: kill(lender.process), lambda: Node(lab["h1"], tmp_path, CODE, "--lend").ready(), 3),
        ]
        for break_it, mend, most in faults:
            asking = asker.asking(900)
            time.sleep(1.5)
            break_it()
            begun = time.monotonic()
            said = answer(asking)
            assert HELD in said["error"]["message"] and said["error"]["code"] == "engine_died"
            assert time.monotonic() - begun < most
            mend()
            assert text(_again(asker)) == expected


def _again(node: Node) -> dict[str, Any]:
    end = time.monotonic() + 60
    while "error" in (said := node.ask()):
        assert time.monotonic() < end, said
        time.sleep(0.5)
    return said


def test_the_memory_lent_to_one_that_stands_still_is_free_again(tmp_path: Path) -> None:
    with sharded(tmp_path) as (_, lender, asker):
        assert lender.look()["lent"]
        freeze(asker.process)
        begun = time.monotonic()
        while lender.look()["lent"]:
            assert time.monotonic() - begun < 15
            time.sleep(0.2)
        thaw(asker.process)
