"""Tools of another machine on a network and a host that fail: a model is told within ten seconds, nothing runs twice,
and nobody uses them who may not."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from localswarm.federation.code import Code
from localswarm.tools.audit import Audit

from .netlab import Lab, freeze, kill, thaw
from .watched import Watched, until

# In which a model has to know, and what a busy machine adds.
KNOWN_SECONDS, SLACK = 10.0, 3.0
STARTED_SECONDS = 60.0
SLOW_SECONDS = 40.0


class Tools:
    """Nodes by the names of their hosts."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab = lab
        self.folder = folder
        self.code = Code.new()
        self._count = 0

    def host(self, name: str, *members: str) -> Watched:
        words = ("--members", *members) if members else ()
        node = self._node(name, self.folder / name, *words)
        assert until(lambda: node.of("id"), STARTED_SECONDS), node.lines
        return node

    def caller(self, name: str, host: str, seconds: float, *words: str, code: Code | None = None) -> Watched:
        """A new machine each time."""
        self._count += 1
        folder = self.folder / f"caller{self._count}"
        return self._node(name, folder, "--call", str(seconds), "--host", host, *words, code=code)

    def begun(self, name: str) -> int:
        """How many calls the host has ever begun."""
        return len(Audit(self.folder / name).begun())

    def _node(self, name: str, folder: Path, *words: str, code: Code | None = None) -> Watched:
        module = f"{__package__}.tool_node"
        named = "--name", name, "--code", str(code or self.code)
        return Watched(self.lab[name], module, str(folder), *named, *words)


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tools]:
    with Lab(4, seed=3) as lab:
        yield Tools(lab, tmp_path_factory.mktemp("nodes"))


@pytest.fixture(scope="module")
def slow(tools: Tools) -> Watched:
    """A call that takes long, while the others are tested."""
    tools.host("h3")
    return tools.caller("h4", "h3", SLOW_SECONDS)


@pytest.fixture
def host(tools: Tools, slow: Watched) -> Iterator[Watched]:
    tools.lab.clear()
    node = tools.host("h1")
    yield node
    kill(node.process)


def called(tools: Tools, host: Watched, seconds: float = 60.0) -> Watched:
    """A call that the host works on."""
    before = len(host.of("ran"))
    caller = tools.caller("h2", "h1", seconds)
    assert until(lambda: len(host.of("ran")) > before, STARTED_SECONDS), (host.lines, caller.lines)
    return caller


def outcome(caller: Watched, seconds: float = STARTED_SECONDS) -> tuple[float, list[Any]]:
    """When it was known, and what."""
    assert until(lambda: caller.of("outcome"), seconds), caller.lines
    (line,) = caller.of("outcome")
    return line[0], line[2]


def test_killed_in_mid_call(tools: Tools, host: Watched) -> None:
    before, caller = tools.begun("h1"), called(tools, host)
    at = time.monotonic()
    kill(host.process)
    known, (state, content, _) = outcome(caller)
    assert state == "unknown" and "is not repeated" in content
    assert known - at < KNOWN_SECONDS + SLACK and tools.begun("h1") == before + 1


def test_killed_in_mid_call_and_started_again(tools: Tools, host: Watched) -> None:
    before, caller = tools.begun("h1"), called(tools, host)
    kill(host.process)
    again = tools.host("h1")
    _, (state, _, _) = outcome(caller)
    # It is told by the log of the host, or by nobody: it is not run again.
    assert state == "unknown" and not again.of("ran") and tools.begun("h1") == before + 1
    kill(again.process)


def test_frozen_in_mid_call(tools: Tools, host: Watched) -> None:
    caller, at = called(tools, host), time.monotonic()
    freeze(host.process)
    known, (state, content, _) = outcome(caller)
    thaw(host.process)
    assert state == "unknown" and "is not repeated" in content and known - at < KNOWN_SECONDS + SLACK
    assert not until(lambda: len(host.of("ran")) > 1, 2)


def test_cut_off_in_mid_call(tools: Tools, host: Watched) -> None:
    caller, at = called(tools, host), time.monotonic()
    tools.lab.partition(["h1"], ["h2"])
    known, (state, _, _) = outcome(caller)
    tools.lab.heal()
    assert state == "unknown" and known - at < KNOWN_SECONDS + SLACK
    assert not until(lambda: len(host.of("ran")) > 1, 2)


def test_cut_off_for_three_seconds(tools: Tools, host: Watched) -> None:
    caller = called(tools, host, 6)
    tools.lab.partition(["h1"], ["h2"])
    time.sleep(3)
    tools.lab.heal()
    assert outcome(caller)[1][:2] == ["done", "waited"] and len(host.of("ran")) == 1


def test_nobody_who_is_not_paired(tools: Tools, host: Watched) -> None:
    caller = tools.caller("h2", host.values("id")[0], 1, "--find", "4", code=Code.new())
    _, (state, content, _) = outcome(caller)
    assert state == "failed" and content.endswith("Nothing was done.") and not host.of("ran")


def test_nobody_whom_the_user_did_not_name(tools: Tools, slow: Watched) -> None:
    assert until(lambda: slow.of("calling"), STARTED_SECONDS)
    named = slow.values("calling")[0]
    host = tools.host("h1", named)
    refused = tools.caller("h2", "h1", 1)
    _, (state, content, _) = outcome(refused)
    assert state == "denied" and f"{named},{refused.values('calling')[0]}" in content and not host.of("ran")
    assert any("--tool-members" in said for said in refused.values("trouble"))
    kill(host.process)


def test_a_call_that_takes_long(slow: Watched) -> None:
    state, content, seconds = outcome(slow, SLOW_SECONDS + STARTED_SECONDS)[1]
    assert (state, content) == ("done", "waited") and seconds > SLOW_SECONDS
