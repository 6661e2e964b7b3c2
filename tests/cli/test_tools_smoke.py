"""`tools smoke`: what does not work is told apart from what a model cannot do."""

import json
import re
import subprocess
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from localswarm.api.app import create_app
from localswarm.api.guard import Access
from localswarm.chat import CallState, ChatRequest, ToolCall
from localswarm.swarm.acting.acting import Acting
from localswarm.swarm.answer import Swarm
from localswarm.swarm.neighbours import Neighbour, Neighbourhood, ToolPlace

from ..api.serving import listening
from ..running import RunningNode
from ..swarm.acting.scenes import FakeHands, spec
from ..swarm.scripted import ScriptedMember, calls, says
from ..swarm.scripted import Step as Scripted
from .command import answering, run

Script = Callable[[ChatRequest], Sequence[Scripted]]
NAMES = ["host", "tools", "sandbox", "model calls", "it runs", "answer uses it"]
COMMAND = re.compile(r"echo \w+ \| cksum")


def smoke(*words: str) -> tuple[dict[str, Any], subprocess.CompletedProcess[str]]:
    said = run("tools", "smoke", *words)
    found: dict[str, Any] = json.loads(said.stdout)
    assert said.returncode == (0 if found["plumbing"] else 1)
    assert all(check["ok"] == (check["error"] is None) and check["seconds"] >= 0 for check in found["checks"])
    return found, said


def steps(found: dict[str, Any]) -> list[tuple[str, bool]]:
    return [(check["name"], check["ok"]) for check in found["checks"]]


async def shell(call: ToolCall) -> tuple[CallState, str]:
    """Of commands it knows one; whatever else it is told fails, as where there is no network."""
    command = json.loads(call.arguments)["command"]
    if "/dev/tcp/" in command:
        return "done", "closed"
    return ("done", f"{zlib.crc32(command.encode())} 9") if "cksum" in command else ("failed", "command not found")


@contextmanager
def a_node(script: Script, hands: FakeHands) -> Iterator[str]:
    swarm = Swarm([ScriptedMember(script)], acting=Acting(hands))
    with listening(create_app(swarm, Access(), "test", tools=hands)) as address:
        yield address


def bash(reply: Any = shell, *more: str) -> FakeHands:
    return FakeHands(reply, tuple(spec(name) for name in ("read", "bash", *more)))


def results(request: ChatRequest) -> str:
    return " ".join(one.content for message in request.messages for one in message.results)


def able(request: ChatRequest) -> Sequence[Scripted]:
    if results(request):
        return says(f"It prints {results(request)}.")
    (command,) = COMMAND.findall(request.messages[-1].text)
    return calls("bash", json.dumps({"command": command}))


def calls_wrongly(request: ChatRequest) -> Sequence[Scripted]:
    return says("Done.") if results(request) else calls("bash", '{"command": "cksum_me"}')


def forgets(request: ChatRequest) -> Sequence[Scripted]:
    return says("I do not know.") if results(request) else able(request)


def only_when_it_has_to(request: ChatRequest) -> Sequence[Scripted]:
    if request.tool_choice.mode == "required" or results(request):
        return calls_wrongly(request)
    return says("cksum prints a checksum.")


def never(request: ChatRequest) -> Sequence[Scripted]:
    return says("cksum prints a checksum.")


def test_all_of_it_works() -> None:
    with a_node(able, bash()) as url:
        found, _ = smoke("--url", url)
    assert (found["result"], found["plumbing"], found["model"]) == ("PASS", True, "able")
    assert steps(found) == [(name, True) for name in NAMES] and "It works" in found["says"]


@pytest.mark.parametrize(
    ("script", "tried", "why"),
    [
        (calls_wrongly, NAMES[:5], "cksum_me"),
        (forgets, NAMES, "I do not know."),
        (only_when_it_has_to, [*NAMES[:4], "model has to call"], "made no call, and said: cksum prints a checksum."),
    ],
)
def test_a_model_that_is_too_weak(script: Script, tried: Sequence[str], why: str) -> None:
    with a_node(script, bash()) as url:
        found, _ = smoke("--url", url)
    assert (found["result"], found["plumbing"], found["model"]) == ("WEAK", True, "too weak")
    assert [name for name, _ in steps(found)] == tried and why in found["says"]
    assert "plumbing works" in found["says"]


def test_a_model_that_never_calls_proves_nothing() -> None:
    with a_node(never, bash()) as url:
        found, _ = smoke("--url", url)
    assert (found["result"], found["plumbing"], found["model"]) == ("FAIL", False, None)
    assert steps(found)[-1] == ("model has to call", False) and "no call was made" in found["says"]


async def refuses(call: ToolCall) -> tuple[CallState, str]:
    return "denied", "The user said no."


async def breaks(call: ToolCall) -> tuple[CallState, str]:
    return "failed", "bwrap: no"


async def leaks(call: ToolCall) -> tuple[CallState, str]:
    return ("done", "reached") if "/dev/tcp/" in call.arguments else await shell(call)


async def forgotten(call: ToolCall) -> tuple[CallState, str]:
    """Our own calls come through, and those of a model do not."""
    came = await shell(call)
    return came if call.id.count("_") == 0 else ("unknown", "It is not known what came of it.")


@pytest.mark.parametrize(
    ("hands", "last", "why"),
    [
        (FakeHands(tools=(spec("read"),)), "tools", "no bash among its tools (read)"),
        (bash(refuses), "sandbox", "--yes-tools"),
        (bash(breaks), "sandbox", "bwrap: no"),
        (bash(leaks), "sandbox", "reached the network"),
        (bash(forgotten), "model has to call", "not known what came of it"),
    ],
)
def test_what_does_not_work_is_named(hands: FakeHands, last: str, why: str) -> None:
    with a_node(able, hands) as url:
        found, _ = smoke("--url", url)
    assert (found["result"], found["plumbing"], found["model"]) == ("FAIL", False, None)
    assert steps(found)[-1] == (last, False) and why in found["says"]


def test_where_there_is_no_node_it_says_what_to_start(tmp_path: Path) -> None:
    found, said = smoke("--url", "http://127.0.0.1:9")
    assert steps(found) == [("host", False)] and "--tool-server --root FOLDER" in found["says"] and not said.stderr


def test_a_node_that_is_no_tool_host() -> None:
    with listening(create_app(Swarm([ScriptedMember(never)]), Access(), "test")) as url:
        found, _ = smoke("--url", url)
    assert steps(found)[-1] == ("tools", False) and "--tool-server --root FOLDER" in found["says"]


def test_a_node_whose_tools_are_elsewhere_and_away() -> None:
    place = {"tool_host": {"where": "attic", "tools": [], "trouble": "The attic lets nobody in."}}
    answers = {"/health": (200, b"{}"), "/v1/federation/health": (200, json.dumps(place).encode())}
    with answering(answers) as (url, _):
        found, _ = smoke("--url", url)
    assert steps(found)[-1] == ("tools", False) and "The attic lets nobody in." in found["says"]


@pytest.mark.parametrize(
    ("script", "result", "last"),
    [(able, "PASS", NAMES[5]), (forgets, "WEAK", NAMES[5]), (calls_wrongly, "WEAK", NAMES[4])],
)
def test_tools_of_another_machine(script: Script, result: str, last: str) -> None:
    """There is no other way to them than a model."""
    hands = bash()
    here = Neighbour("a1", "hall", "alive")
    around = Neighbourhood(here, tool_host=ToolPlace("attic", ("read", "bash")))
    swarm = Swarm([ScriptedMember(script)], acting=Acting(hands))
    with listening(create_app(swarm, Access(), "test", look=lambda: around)) as url:
        found, _ = smoke("--url", url)
    assert (found["result"], steps(found)[-1][0]) == (result, last) and "sandbox" not in dict(steps(found))
    assert ("attic" in found["says"]) == (result == "PASS")


def test_the_embedded_model_in_a_real_sandbox(tmp_path: Path) -> None:
    """It is weak, and now and then it is able all the same."""
    project = tmp_path / "project"
    project.mkdir()
    flags = ("--tool-server", "--root", str(project), "--yes-tools", "--no-federation", "--instances", "1")
    with RunningNode(tmp_path / "state", *flags) as node:
        found, _ = smoke("--url", node.base)
    assert found["plumbing"] and found["result"] in ("PASS", "WEAK"), found
    assert steps(found)[:3] == [("host", True), ("tools", True), ("sandbox", True)]
    assert not list(project.iterdir())
