"""The tools of another node: found, used under the id of whoever calls, and never run twice."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import anyio
import pytest
from aiohttp import web
from localswarm.chat import Image, Outcome, ToolCall, ToolSpec
from localswarm.errors import Forbidden, Unavailable
from localswarm.federation.nodes import About, Report
from localswarm.federation.toolbox import Candidate, Toolbox, chosen
from localswarm.federation.wire import cleaning, messages
from localswarm.federation.wire.messages import Executed
from localswarm.swarm.distant import Distant

from .liar import Answer, Liar, liar, lines
from .swarms import Running, Swarm, until
from .tooled import DOT, Tooled

DESK = Candidate("d" * 16, "1", "desk", ("read",), places=("192.168.1.7:17617", "[fd00::7]:17617"))
ATTIC = Candidate("a" * 16, "1", "attic", ("read",))
BARE = Candidate("b" * 16, "1", "bare", ())
AWAY = Candidate("e" * 16, "1", "away", ("read",), is_here=False)


def a_call(seconds: float = 0.0) -> ToolCall:
    return ToolCall(uuid4().hex, "wait", json.dumps({"seconds": seconds}))


@pytest.fixture
async def swarm(tmp_path: Path) -> AsyncIterator[Swarm]:
    async with Swarm(tmp_path) as swarm:
        yield swarm


@asynccontextmanager
async def pair(swarm: Swarm, folder: Path, *members: str) -> AsyncIterator[tuple[Tooled, Running, Running]]:
    """A node with tools, and one that sees it."""
    async with Tooled(folder, *members) as tooled:
        first = swarm.start("first", tools=tooled.shared)
        second = swarm.start("second", [first])
        await until(lambda: "first" in second.peers() and "second" in first.peers())
        yield tooled, first, second


def hands(one: Running, wanted: str | None = None, patience: float = 9.0) -> Distant:
    return Distant(Toolbox(lambda: one.federation.life, wanted).find, patience=patience)


@pytest.mark.parametrize(
    ("wanted", "kept", "name"),
    [
        (None, "", "attic"),
        (None, DESK.id, "desk"),
        (None, AWAY.id, "attic"),
        ("desk", "", "desk"),
        ("DESK.local", "", "desk"),
        (DESK.id, ATTIC.id, "desk"),
        ("192.168.1.7", "", "desk"),
        ("192.168.1.7:17617", "", "desk"),
        ("fd00::7", "", "desk"),
    ],
)
def test_which_one(wanted: str | None, kept: str, name: str) -> None:
    assert chosen([AWAY, BARE, DESK, ATTIC], wanted, kept).name == name


@pytest.mark.parametrize(
    ("found", "wanted", "words"),
    [
        ([], None, "No machine of the swarm has tools now"),
        ([BARE, AWAY], None, "No machine of the swarm has tools now"),
        ([DESK], "attic", "attic is not seen in this swarm"),
        ([AWAY], "away", "away does not answer now"),
        ([BARE], "bare", "bare has no tools. Start it there with: --tool-server"),
    ],
)
def test_none(found: list[Candidate], wanted: str | None, words: str) -> None:
    with pytest.raises(Unavailable, match=words):
        chosen(found, wanted, "")


def test_one_that_refuses_is_only_taken_where_there_is_no_other() -> None:
    refusing = Candidate("a" * 16, "1", "attic", ("read",), refuses=True)
    assert chosen([refusing, DESK], None, refusing.id) is DESK and chosen([refusing], None, "") is refusing


async def test_tools_of_another_node_are_seen_and_used(swarm: Swarm, tmp_path: Path) -> None:
    async with pair(swarm, tmp_path) as (tooled, first, second):
        assert second.peers()["first"].tools == ("wait",) and first.peers()["second"].tools == ()
        distant = hands(second)
        assert [spec.name for spec in await distant.specs()] == ["wait"]
        call = a_call()
        done = await distant.execute(call, "opencode", "s1")
        assert (done.id, done.tool, done.state) == (call.id, "wait", "done")
        assert (done.content, done.images) == ("waited", (DOT,))
        # Asked again, it is answered again, and not done again.
        assert (await distant.execute(call, "opencode", "s1")).content == "waited"
        assert tooled.ran == [second.id]
        assert [(entry.caller, entry.name) for entry in tooled.log.last(1)] == [(second.id, "opencode")]
        assert distant.place.where == f"first ({first.id})"


async def test_a_host_by_name_and_one_that_is_none(swarm: Swarm, tmp_path: Path) -> None:
    async with pair(swarm, tmp_path) as (_, first, second):
        assert (await hands(second, "first").execute(a_call(), "")).ok
        wrong = await hands(first, "second").execute(a_call(), "")
        assert wrong.state == "failed" and "second has no tools" in wrong.content


async def test_only_those_that_may(swarm: Swarm, tmp_path: Path) -> None:
    """By its id: whatever it is called, it is let in by nothing else."""
    other = "f" * 16
    async with pair(swarm, tmp_path, other, "second") as (tooled, first, second):
        outcome = await hands(second).execute(a_call(), "")
        assert outcome.state == "denied" and f"--tool-members {other},second,{second.id}" in outcome.content
        with pytest.raises(Forbidden):
            await hands(second).specs()
        assert not tooled.ran
        first.federation.life.own.tools = replace(tooled.shared, members={other, second.id})
        assert (await hands(second).execute(a_call(), "")).ok and tooled.ran == [second.id]


async def test_a_connection_that_breaks_in_mid_call(swarm: Swarm, tmp_path: Path) -> None:
    async with pair(swarm, tmp_path) as (tooled, first, second), anyio.create_task_group() as group:
        outcomes: list[Outcome] = []

        async def ask() -> None:
            outcomes.append(await hands(second).execute(a_call(2), ""))

        group.start_soon(ask)
        await until(lambda: bool(tooled.ran))
        for _ in range(2):
            await anyio.sleep(0.4)
            first.federation.life.server.drop(second.id)
        await until(lambda: bool(outcomes))
        assert outcomes[0].ok and tooled.ran == [second.id]


async def test_a_caller_that_gives_up_does_not_end_the_call(swarm: Swarm, tmp_path: Path) -> None:
    async with pair(swarm, tmp_path) as (tooled, _, second):
        call = a_call(1)
        with anyio.move_on_after(0.5):
            await hands(second).execute(call, "")
        assert (await hands(second).execute(call, "")).ok and len(tooled.ran) == 1


async def test_a_host_that_has_left(swarm: Swarm, tmp_path: Path) -> None:
    async with pair(swarm, tmp_path) as (tooled, first, second):
        distant = hands(second)
        await distant.specs()
        first.task.cancel()
        await until(lambda: not second.peers())
        outcome = await distant.execute(a_call(), "")
        assert outcome.state == "failed" and outcome.content.endswith("Nothing was done.") and not tooled.ran


async def test_a_node_that_knows_of_no_tools(swarm: Swarm, tmp_path: Path) -> None:
    """As one of the version before: its report says nothing of them."""
    report = json.loads(messages.REPORT.dump(Report(About("a", "i", "n", "1", "h", 1.0, ()), 1, (), ())))
    del report["about"]["tools"]
    assert messages.REPORT.load(json.dumps(report).encode()).about.tools == ()
    first = swarm.start("first")
    async with liar(tmp_path / "liar", swarm.code) as other:
        await other.introduce(first.federation.port)
        await until(lambda: "liar" in first.peers())
        assert (await hands(first).execute(a_call(), "")).content.startswith("No machine of the swarm has tools")


@asynccontextmanager
async def lying(swarm: Swarm, folder: Path, answer: Answer) -> AsyncIterator[tuple[Liar, Running]]:
    """A host that answers so to each call."""
    first = swarm.start("first")
    async with liar(folder, swarm.code) as other:
        other.about = About(other.id, "i", "liar", "1", "a box", 1.0, (), ("wait",))
        other.paths["/swarm/tools/execute"] = answer
        await other.introduce(first.federation.port)
        await until(lambda: "liar" in first.peers())
        yield other, first


async def frozen(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"[]\n")
    await anyio.sleep(60)
    return response


OTHER = Executed(Outcome("another", "rm", "done", "ok", (Image("http://192.168.1.1/reboot"),)))


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (frozen, "unknown", "It is not known"),
        (lines({"reply": {"t": "Counted", "tokens": 1}}), "unknown", "It is not known"),
        (lines(["text"]), "unknown", "It is not known"),
        (lines([], {"error": {"names": ["EngineFault"], "message": "Oh."}}), "unknown", "It is not known"),
        (lines({"error": {"names": ["Overloaded"], "message": "Too much."}}), "failed", "Too much. Nothing was done."),
        (lines([], {"reply": messages.REPLY.put(OTHER)}), "done", "ok"),
    ],
)
async def test_a_host_that_answers_badly(swarm: Swarm, tmp_path: Path, answer: Answer, state: str, words: str) -> None:
    async with lying(swarm, tmp_path / "liar", answer) as (_, first):
        call = a_call()
        with anyio.fail_after(6):
            outcome = await hands(first, patience=1.5).execute(call, "")
        assert (outcome.id, outcome.tool, outcome.state) == (call.id, "wait", state)
        assert outcome.content.startswith(words) and not outcome.images


def test_what_cannot_be_a_tool_is_left_out() -> None:
    tools = (ToolSpec("read", "x" * 10**6), ToolSpec("../read"), ToolSpec("huge", schema={"a": "x" * 10**6}))
    (one,) = cleaning.tools(tools)
    assert one.name == "read" and len(one.description) < 10**5
