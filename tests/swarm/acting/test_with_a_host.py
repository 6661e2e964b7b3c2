"""Over the real tool host: what it is called for goes on when nobody waits for it, and is written down."""

from collections.abc import Sequence
from pathlib import Path

import anyio
import pytest
from localswarm.chat import ChatRequest, Event, Outcome, ToolCall, ToolSpec
from localswarm.swarm.acting.acting import Acting
from localswarm.swarm.answer import Swarm
from localswarm.tools.audit import Audit
from localswarm.tools.host import ToolHost
from localswarm.tools.policy import Rules
from localswarm.tools.registry import Registry
from localswarm.tools.tool import Arguments, Caller, Output, Scope, Tool

from ..scripted import ScriptedMember, Step, calls, says
from .scenes import asks

pytestmark = pytest.mark.anyio
NOTHING = {"type": "object", "properties": {}, "additionalProperties": False}


class Hosting:
    """One tool, `build`, which waits until it may end."""

    def __init__(self, folder: Path) -> None:
        self.begun, self.may_end, self.ended = anyio.Event(), anyio.Event(), anyio.Event()
        self.log = Audit(folder)
        tools = Registry([Tool("build", "Builds.", NOTHING, self._build, "allow")])
        self.host = ToolHost(tools, Rules(), self.log, lambda path: path)

    async def specs(self) -> Sequence[ToolSpec]:
        return self.host.specs()

    async def execute(self, call: ToolCall, who: str, session: str = "") -> Outcome:
        return await self.host.execute(call, Caller("local", who, session))

    async def _build(self, arguments: Arguments, scope: Scope) -> Output:
        self.begun.set()
        await self.may_end.wait()
        self.ended.set()
        return Output("built")


def script(request: ChatRequest) -> Sequence[Step]:
    called = any(message.results for message in request.messages)
    return says("Built.") if called else calls("build", "{}")


async def nobody(event: Event) -> None: ...


async def test_a_call_goes_on_without_its_client(tmp_path: Path) -> None:
    hosting = Hosting(tmp_path)
    swarm = Swarm([ScriptedMember(script)], acting=Acting(hosting))
    async with anyio.create_task_group() as group:
        await group.start(hosting.host.run)
        with anyio.CancelScope() as client:
            async with anyio.create_task_group() as asking:
                asking.start_soon(swarm.answer, asks(), nobody)
                await hosting.begun.wait()
                client.cancel()
        (entry,) = hosting.log.last(9)
        assert entry.event == "begun"
        hosting.may_end.set()
        with anyio.fail_after(5):
            await hosting.ended.wait()
            # It runs once with this id: asked again, what came of it, when that is written down.
            assert (await hosting.execute(ToolCall(entry.id, "build", "{}"), "r")).state == "done"
        group.cancel_scope.cancel()
    (entry,) = hosting.log.last(9)
    assert (entry.state, entry.tool, entry.name) == ("done", "build", "r")


async def test_an_answer_over_it(tmp_path: Path) -> None:
    hosting = Hosting(tmp_path)
    hosting.may_end.set()
    swarm = Swarm([ScriptedMember(script)], acting=Acting(hosting))
    async with anyio.create_task_group() as group:
        await group.start(hosting.host.run)
        (found,) = await swarm.answer(asks(), nobody)
        group.cancel_scope.cancel()
    assert found.message.text == "Built." and "build {} -> done, 1 line" in found.message.thinking
