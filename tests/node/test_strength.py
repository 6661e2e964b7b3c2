"""The self-test runs when nobody asks anything, gives way at once, and is kept."""

import time
from collections.abc import Callable
from pathlib import Path

import anyio
from localswarm.chat import ChatRequest, Event, Message, Text, ToolCall, ToolResult
from localswarm.errors import ModelLoading
from localswarm.node.strength import Notebook, Strength
from localswarm.state import State
from localswarm.swarm.routing import Choice, Router
from localswarm.swarm.selftest import SelfTest, read
from localswarm.swarm.strength import Record

from ..swarm.scripted import ScriptedMember, Step, says

QUESTIONS = (
    "".join(f'[[question]]\nask = "What is {n} plus 1?"\nnumber = {n + 1}\n' for n in range(4))
    + """
[[tool]]
name = "read"
"""
)


def questions() -> SelfTest:
    return read(QUESTIONS)


def adds(request: ChatRequest) -> list[Step]:
    """It is wrong about 2."""
    number = int(request.messages[0].text.split()[2])
    return [0.01, *says(str(number + 1 if number != 2 else 7))]


async def nothing(_: Event) -> None: ...


async def until(true: Callable[[], object]) -> None:
    while not true():  # noqa: ASYNC110
        await anyio.sleep(0.005)


class Tried:
    """A service with a member of its own."""

    def __init__(self, state: State, asks: bool = True, quiet: float = 0.05) -> None:
        self.router, self.member = Router(), ScriptedMember(adds)
        notebook = Notebook(state, "ab", "engine 1", questions().version)
        self.service = Strength(
            notebook, questions(), "scripted", self.member, self.router, asks, look=0.01, quiet=quiet
        )

    @property
    def record(self) -> Record:
        return self.router.strengths.record("scripted")

    async def run(self, seconds: float = 5.0) -> None:
        """Until the result is kept, or so long."""
        with anyio.move_on_after(seconds):
            async with anyio.create_task_group() as group:
                group.start_soon(self.service.run)
                await until(lambda: self.record.asked and self.service._kept == self.record)
                group.cancel_scope.cancel()


def kept(state: State) -> Record:
    return Notebook(state, "ab", "engine 1", questions().version).find()


async def test_a_model_is_asked_once_and_the_result_is_kept(tmp_path: Path) -> None:
    with State(tmp_path) as state:
        tried = Tried(state)
        await tried.run()
        assert (tried.record.right, tried.record.asked) == (3, 4) and len(tried.member.asked) == 4
        assert kept(state) == tried.record
        again = Tried(state)
        await again.run()
        assert again.record == tried.record and not again.member.asked


async def test_it_is_not_asked_where_the_user_wants_none_or_somebody_was_there_lately(tmp_path: Path) -> None:
    with State(tmp_path) as state:
        for tried in (Tried(state, asks=False), Tried(state, quiet=60.0)):
            await tried.run(seconds=0.3)
            assert not tried.member.asked and not tried.record.asked


async def test_it_gives_way_at_once_and_goes_on_later(tmp_path: Path) -> None:
    with State(tmp_path) as state:
        tried = Tried(state)
        tried.member.script = lambda request: adds(request) if len(tried.member.asked) < 3 else [30.0]
        async with anyio.create_task_group() as group:
            group.start_soon(tried.service.run)
            await until(lambda: len(tried.member.asked) == 3)
            user = ScriptedMember(says("hello"))
            asked = ChatRequest("u", "m", (Message("user", (Text("Hi"),)),))
            await tried.router.ask(Choice(user, user.served()), asked, nothing)
            with anyio.fail_after(1.0):
                await until(lambda: tried.member.left)
            tried.member.script = adds
            group.cancel_scope.cancel()
        await tried.run()
        assert (tried.record.right, tried.record.asked) == (3, 4)
        assert len(tried.member.asked) == 5, "only the one that was left is asked again"


async def test_a_member_that_is_away_is_asked_later(tmp_path: Path) -> None:
    with State(tmp_path) as state:
        tried = Tried(state)
        tried.member.script = lambda request: adds(request) if len(tried.member.asked) > 3 else [ModelLoading("wait")]
        await tried.run()
        assert (tried.record.right, tried.record.asked) == (3, 4)


async def test_outcomes_of_calls_are_kept(tmp_path: Path) -> None:
    with State(tmp_path) as state:
        tried = Tried(state, asks=False)
        written = Message("assistant", (ToolCall("c1", "read", "{}"),))
        result = Message("tool", (ToolResult("c1", "no such file", failed=True),))
        async with anyio.create_task_group() as group:
            group.start_soon(tried.service.run)
            await anyio.sleep(0.05)
            tried.router.strengths.wrote("scripted", written)
            tried.router.strengths.heard(ChatRequest("r", "m", (written, result)), time.time())
            with anyio.fail_after(2.0):
                await until(lambda: kept(state).bad)
            group.cancel_scope.cancel()
        assert kept(state).bad == 1
