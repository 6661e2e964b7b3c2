"""One executor for a call, and once: also when its caller is lost, the host stops, or the disk is full."""

import json
import tracemalloc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from localswarm.chat import Outcome, ToolCall
from localswarm.errors import BadRequest, Forbidden, Overloaded, ShuttingDown
from localswarm.tools import host as host_of_tools
from localswarm.tools.audit import Audit
from localswarm.tools.executors.read import read
from localswarm.tools.executors.write import write
from localswarm.tools.files import Root
from localswarm.tools.host import Asked, ToolHost
from localswarm.tools.policy import Rule, Rules
from localswarm.tools.registry import Registry
from localswarm.tools.texts import Texts
from localswarm.tools.tool import Arguments, Caller, Output, Scope, Tool, ToolDenied

ME = Caller("me", "my desk")
SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}}


class Slow:
    """A tool that says when it was begun, and ends when it is let go."""

    def __init__(self) -> None:
        self.runs = 0
        self.most = self.now = 0
        self.begun = anyio.Event()
        self.go = anyio.Event()

    async def run(self, arguments: Arguments, scope: Scope) -> Output:
        self.runs += 1
        self.now += 1
        self.most = max(self.most, self.now)
        self.begun.set()
        try:
            await self.go.wait()
        finally:
            self.now -= 1
        return Output(f"run {self.runs}")

    def tool(self, **more: Any) -> Tool:
        return Tool("slow", "", SCHEMA, self.run, **{"default": "allow", **more})


@pytest.fixture
def slow() -> Slow:
    return Slow()


@asynccontextmanager
async def running(
    tools: list[Tool], state: Path, rules: Rules | None = None, resolve: Callable[[str], str] = str, **more: Any
) -> AsyncIterator[ToolHost]:
    host = ToolHost(Registry(tools), rules or Rules(), Audit(state), resolve, **more)
    async with anyio.create_task_group() as group:
        await group.start(host.run)
        yield host
        group.cancel_scope.cancel()


def call(id: str = "1", tool: str = "slow", **given: Any) -> ToolCall:
    return ToolCall(id, tool, json.dumps(given))


async def test_a_lost_caller_finds_the_result_of_the_one_run(slow: Slow, tmp_path: Path) -> None:
    async with running([slow.tool()], tmp_path) as host:
        with anyio.move_on_after(0.05):
            await host.execute(call(), ME)
        assert slow.now == 1, "it goes on"
        slow.go.set()
        first = await host.execute(call(), ME)
        again = await host.execute(call(), ME)
    assert (first.state, first.content, slow.runs) == ("done", "run 1", 1)
    assert again is first


async def test_many_ask_for_the_same_at_once(slow: Slow, tmp_path: Path) -> None:
    outcomes: list[Outcome] = []

    async def one(host: ToolHost) -> None:
        outcomes.append(await host.execute(call(), ME))

    async with running([slow.tool()], tmp_path) as host, anyio.create_task_group() as group:
        for _ in range(10):
            group.start_soon(one, host)
        await slow.begun.wait()
        slow.go.set()
    assert [outcome.content for outcome in outcomes] == ["run 1"] * 10


async def test_the_same_id_of_another_caller_or_call(slow: Slow, tmp_path: Path) -> None:
    slow.go.set()
    async with running([slow.tool()], tmp_path) as host:
        assert (await host.execute(call(), ME)).content == "run 1"
        assert (await host.execute(call(), Caller("another"))).content == "run 2"
        with pytest.raises(BadRequest, match="another call"):
            await host.execute(call(text="else"), ME)
        for id in ("", "x" * 1000):
            with pytest.raises(BadRequest):
                await host.execute(call(id), ME)


async def test_a_host_that_stopped_in_the_middle_repeats_nothing(slow: Slow, tmp_path: Path) -> None:
    async with running([slow.tool()], tmp_path) as host, anyio.create_task_group() as group:
        group.start_soon(host.execute, call(), ME)
        await slow.begun.wait()
        group.cancel_scope.cancel()
    slow.go.set()
    async with running([slow.tool()], tmp_path) as host:
        outcome = await host.execute(call(), ME)
        assert (outcome.state, outcome.ok, slow.runs) == ("unknown", False, 1) and "not repeated" in outcome.content
        assert (await host.execute(call("2"), ME)).content == "run 2"
    assert [one.state for one in Audit(tmp_path).last(2)] == ["unknown", "done"]


async def test_a_host_that_was_killed_repeats_nothing(slow: Slow, tmp_path: Path) -> None:
    slow.go.set()
    async with running([slow.tool()], tmp_path) as host:
        await host.execute(call(), ME)
    log = tmp_path / "tools.log"
    begun = next(line for line in log.read_text().splitlines() if '"begun"' in line)
    log.write_text(begun + "\n")
    async with running([slow.tool()], tmp_path) as host:
        assert (await host.execute(call(), ME)).state == "unknown"
    assert slow.runs == 1


async def test_who_waits_while_the_host_stops_is_told(slow: Slow, tmp_path: Path) -> None:
    outcomes: list[Outcome] = []

    async def one(host: ToolHost) -> None:
        outcomes.append(await host.execute(call(), ME))

    async with anyio.create_task_group() as group:
        async with running([slow.tool()], tmp_path) as host:
            group.start_soon(one, host)
            await slow.begun.wait()
    assert [outcome.state for outcome in outcomes] == ["unknown"]
    with pytest.raises(ShuttingDown):
        await host.execute(call("2"), ME)


async def test_a_call_is_cancelled(slow: Slow, tmp_path: Path) -> None:
    outcomes: list[Outcome] = []

    async def one(host: ToolHost) -> None:
        outcomes.append(await host.execute(call(), ME))

    async with running([slow.tool()], tmp_path) as host:
        async with anyio.create_task_group() as group:
            group.start_soon(one, host)
            await slow.begun.wait()
            assert not host.cancel("1", Caller("another")) and not host.cancel("2", ME)
            assert host.cancel("1", ME)
        assert not host.cancel("1", ME) and slow.now == 0
        assert (await host.execute(call(), ME)).state == "cancelled" and slow.runs == 1
    assert outcomes[0].state == "cancelled"


async def test_calls_at_once_are_bounded(slow: Slow, tmp_path: Path) -> None:
    outcomes: list[Outcome] = []

    async def one(host: ToolHost, number: int) -> None:
        outcomes.append(await host.execute(call(str(number)), ME))

    async with running([slow.tool()], tmp_path, at_once=3, waiting=5) as host:
        async with anyio.create_task_group() as group:
            for number in range(8):
                group.start_soon(one, host, number)
            await slow.begun.wait()
            await anyio.sleep(0.05)
            with pytest.raises(Overloaded):
                await host.execute(call("9"), ME)
            slow.go.set()
    assert len(outcomes) == 8 and slow.most == 3


async def test_a_tool_that_takes_too_long(slow: Slow, tmp_path: Path) -> None:
    async with running([slow.tool(seconds=0.05)], tmp_path) as host:
        assert (await host.execute(call(), ME)).state == "unknown"


async def test_a_tool_that_breaks_ends_no_other_call(slow: Slow, tmp_path: Path) -> None:
    async def broken(arguments: Arguments, scope: Scope) -> Output:
        raise ZeroDivisionError

    slow.go.set()
    async with running([slow.tool(), Tool("broken", "", {}, broken, "allow")], tmp_path) as host:
        assert (await host.execute(call("1", "broken"), ME)).state == "unknown"
        assert (await host.execute(call("2"), ME)).ok


async def test_who_may_not(slow: Slow, tmp_path: Path) -> None:
    async with running([slow.tool()], tmp_path) as host:
        with pytest.raises(Forbidden):
            await host.execute(call(), Caller("me", allowed=False))
    assert slow.runs == 0 and Audit(tmp_path).last(1) == []


@pytest.mark.parametrize(
    "asked, why",
    [
        (call("1", "rm"), "There is no tool 'rm' here"),
        (call("1", "slow\x1b[2J"), "There is no tool"),
        (call(text=3), "`text` of slow cannot be used"),
        (ToolCall("1", "slow", "[" * 10**5), "no JSON"),
    ],
)
async def test_calls_that_are_none(slow: Slow, tmp_path: Path, asked: ToolCall, why: str) -> None:
    async with running([slow.tool()], tmp_path) as host:
        outcome = await host.execute(asked, ME)
    assert outcome.state == "failed" and why in outcome.content and slow.runs == 0
    assert outcome.result.failed and outcome.result.call == "1"


@pytest.mark.parametrize("agreed", [True, False])
async def test_the_user_is_asked_with_all_that_it_is(slow: Slow, tmp_path: Path, agreed: bool) -> None:
    seen: list[Asked] = []

    async def ask(asked: Asked) -> bool:
        seen.append(asked)
        return agreed

    slow.go.set()
    async with running([slow.tool(default="ask")], tmp_path, ask=ask) as host:
        outcome = await host.execute(call(text="rm -rf \x1b[2K\u202e"), ME)
    assert outcome.state == ("done" if agreed else "denied") and slow.runs == agreed
    assert seen[0].arguments.isascii() and json.loads(seen[0].arguments) == {"text": "rm -rf \x1b[2K\u202e"}
    assert Audit(tmp_path).last(1)[0].decision == ("ask: yes" if agreed else "ask: no")


async def test_who_was_never_asked_did_not_say_no(slow: Slow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls are asked about one at a time, and the others before it took all the time."""
    monkeypatch.setattr(host_of_tools, "ASK_SECONDS", 0.05)

    async def busy(asked: Asked) -> bool:
        await anyio.sleep_forever()
        return True

    async with running([slow.tool(default="ask")], tmp_path, ask=busy) as host:
        outcome = await host.execute(call(), ME)
    assert (outcome.state, slow.runs) == ("denied", 0) and "did not get to it in time" in outcome.content
    assert Audit(tmp_path).last(1)[0].decision == "ask: no"


async def test_what_only_the_client_can_do(tmp_path: Path) -> None:
    async with running([Tool("question", "", SCHEMA, None, "allow")], tmp_path) as host:
        outcome = await host.execute(call("1", "question", text="which?"), ME)
    assert (outcome.state, outcome.content) == ("client", '{"text": "which?"}')


async def test_without_a_log_nothing_is_done(slow: Slow, tmp_path: Path) -> None:
    async with running([slow.tool()], tmp_path) as host:
        (tmp_path / "tools.log").mkdir()
        outcome = await host.execute(call(), ME)
    assert outcome.state == "failed" and slow.runs == 0


async def test_the_policy_holds_for_where_a_link_leads(
    root: Root, outputs: Root, texts: Texts, project: Path, tmp_path: Path
) -> None:
    (project / "private").mkdir()
    (project / "private" / "key").write_text("the secret")
    (project / "innocent").symlink_to("private/key")
    (project / "folder").symlink_to("private")
    rules = Rules((Rule("deny", "*", "private/**"), Rule("allow", "write")))
    tools = [read(root, outputs, texts), write(root, texts)]
    async with running(tools, tmp_path, rules, root.resolved) as host:
        for number, path in enumerate(("innocent", "folder/key", "private/key", str(project / "private" / "key"))):
            for tool in ("read", "write"):
                given = {"path": path} | ({"content": "x"} if tool == "write" else {})
                outcome = await host.execute(call(f"{tool}{number}", tool, **given), ME)
                assert outcome.state == "denied" and "the secret" not in outcome.content
        assert (await host.execute(call("9", "write", path="free", content="x"), ME)).ok
    assert (project / "private" / "key").read_text() == "the secret"


async def test_what_was_agreed_to_is_what_is_done(root: Root, texts: Texts, project: Path, tmp_path: Path) -> None:
    """A link that is turned while the user is asked."""
    (project / "shown").mkdir()
    (project / "other").mkdir()
    (project / "link").symlink_to("shown")

    async def ask(asked: Asked) -> bool:
        assert asked.path == "shown/file"
        (project / "link").unlink()
        (project / "link").symlink_to("other")
        return True

    async with running([write(root, texts)], tmp_path, Rules(), root.resolved, ask=ask) as host:
        outcome = await host.execute(call("1", "write", path="link/file", content="x"), ME)
    assert outcome.state == "failed" and not list((project / "other").iterdir())


async def test_a_no_may_say_why(slow: Slow, tmp_path: Path) -> None:
    async def closed(asked: Asked) -> bool:
        raise ToolDenied("Nobody is at home.")

    async with running([slow.tool(default="ask")], tmp_path, ask=closed) as host:
        outcome = await host.execute(call(), ME)
    assert (outcome.state, outcome.content, slow.runs) == ("denied", "Nobody is at home.", 0)
    assert [entry.decision for entry in Audit(tmp_path).last(1)] == ["ask: no"]


async def test_a_name_without_an_end(slow: Slow, tmp_path: Path) -> None:
    async with running([slow.tool()], tmp_path) as host:
        with pytest.raises(BadRequest, match="name of more than"):
            await host.execute(call("1", "s" * 10**7), ME)
    assert Audit(tmp_path).last(1) == []


async def test_long_arguments_are_not_kept_once_a_call_has_ended(slow: Slow, tmp_path: Path) -> None:
    slow.go.set()
    async with running([slow.tool()], tmp_path) as host:
        tracemalloc.start()
        for number in range(20):
            await host.execute(call(str(number), text="x" * 2**20), ME)
        kept, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert kept < 5 * 2**20
        assert (await host.execute(call("7", text="x" * 2**20), ME)).ok and slow.runs == 20
        with pytest.raises(BadRequest, match="another call"):
            await host.execute(call("7", text="x" * 2**20 + "y"), ME)
