"""Questions to a node that says nothing: they do not wait for it where somebody else can be asked."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from aiohttp import web
from localswarm.chat import ChatRequest, Event, Message, Text, TextDelta
from localswarm.errors import EngineDied, SwarmError, UpstreamFault
from localswarm.federation import hopes, pulse
from localswarm.federation.hopes import Hope
from localswarm.federation.link import Link
from localswarm.federation.peer import PeerNode
from localswarm.federation.pulse import Pulse
from localswarm.federation.race import Lost

from ..swarm.scripted import ScriptedMember
from .certificates import Authority
from .odd import odd
from .offered import Offered

REQUEST = ChatRequest("r", "scripted", (Message("user", (Text("hi"),)),))
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Asking:
    """`doubts`: so often it was said that the node may be away. `elsewhere`: who may be asked instead."""

    def __init__(self) -> None:
        self.doubts = 0
        self.elsewhere = True
        self.named: list[str] = []

    def lost(self, hard: bool) -> None:
        assert not hard
        self.doubts += 1

    def has(self, model: str) -> bool:
        self.named.append(model)
        return self.elsewhere


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hopes, "TAKEN_SECONDS", 0.2)
    monkeypatch.setattr(hopes, "QUIET_SECONDS", 0.4)


@asynccontextmanager
async def node(folder: Path, answer: Answer, asking: Asking) -> AsyncIterator[PeerNode]:
    swarm = Authority(folder)
    async with odd(swarm.server("a"), answer) as endpoint:
        found = PeerNode(Link("a", swarm.client("c"), [endpoint]), asking.lost, asking.has)
        found.take(Offered({"m": ScriptedMember()}).report())
        yield found
        await found.link.close()


async def asked(found: PeerNode, events: list[Event], away: float) -> tuple[SwarmError, float]:
    """How it ended, and after how long. `away`: when the node is believed to be away."""
    ended: list[SwarmError] = []

    async def emit(event: Event) -> None:
        events.append(event)

    async def ask() -> None:
        try:
            await found.members()[0].generate(REQUEST, emit)
        except SwarmError as error:
            ended.append(error)
            group.cancel_scope.cancel()

    begun = anyio.current_time()
    with anyio.move_on_after(3):
        async with anyio.create_task_group() as group:
            group.start_soon(ask)
            await anyio.sleep(away)
            while True:
                found.away("It does not answer just now.")
                await anyio.sleep(0.02)
    return (ended or [SwarmError("It was waited for.")])[0], anyio.current_time() - begun


async def silent(request: web.Request) -> web.StreamResponse:
    await anyio.sleep_forever()
    raise AssertionError


async def begins(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b'["a"]\n')
    await anyio.sleep_forever()
    raise AssertionError


async def test_what_was_not_taken_is_taken_back_as_soon_as_the_node_is_believed_to_be_away(tmp_path: Path) -> None:
    asking = Asking()
    async with node(tmp_path, silent, asking) as found:
        error, seconds = await asked(found, [], 0.4)
    assert type(error) is Lost and "fallen silent" in error.message
    assert 0.35 < seconds < 1
    assert asking.named == ["scripted"]
    assert asking.doubts == 2, "once when it was late, and once when it was given up"


async def test_what_is_given_up_while_it_ends_anyway_ends_once() -> None:
    cuts: list[str] = []
    hope = Hope(0.0, lambda: True)
    hope.ask(lambda: cuts.append("asked"))
    hope.give_up()
    hope.give_up()
    assert cuts == ["asked"]
    hope.ask(lambda: cuts.append("asked again"))
    hope.heard()
    hope.give_up()
    assert cuts == ["asked"]


async def test_several_that_are_late_at_once_are_one_doubt(tmp_path: Path) -> None:
    asking = Asking()

    async def ask() -> None:
        with pytest.raises(SwarmError):
            await found.members()[0].generate(REQUEST, None)  # type: ignore[arg-type]

    async with node(tmp_path, silent, asking) as found, anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(ask)
        await anyio.sleep(0.6)
        assert asking.doubts == 1
        found.away("It does not answer just now.")


async def test_a_node_that_takes_it_is_not_doubted(tmp_path: Path) -> None:
    asking = Asking()
    async with node(tmp_path, begins, asking) as found:
        with anyio.move_on_after(0.6):
            await found.members()[0].generate(REQUEST, _nothing)
    assert not asking.doubts


async def test_where_nobody_else_has_the_model_it_is_waited_for(tmp_path: Path) -> None:
    asking = Asking()
    asking.elsewhere = False
    async with node(tmp_path, silent, asking) as found:
        error, seconds = await asked(found, [], 0.1)
    assert error.message == "It was waited for." and seconds > 2


async def test_an_answer_that_was_begun_has_longer_and_goes_on_with_the_same_model_alone(tmp_path: Path) -> None:
    asking, events = Asking(), list[Event]()
    async with node(tmp_path, begins, asking) as found:
        error, seconds = await asked(found, events, 0.0)
    assert type(error) is EngineDied and events == [TextDelta("a")]
    assert 0.35 < seconds < 1.5
    assert set(asking.named) == {"scripted"}


async def test_signs_of_life_without_an_answer_come_to_an_end(tmp_path: Path) -> None:
    async def flood(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"[]\n" * 1000)

    async with node(tmp_path, flood, Asking()) as found:
        begun = anyio.current_time()
        with pytest.raises(UpstreamFault, match="again and again"):
            await found.members()[0].generate(REQUEST, _nothing)
    assert anyio.current_time() - begun < 1


def test_a_member_that_works_for_long_is_waited_for_and_not_for_ever() -> None:
    one = Pulse("It", 0.0)
    for second in range(0, int(pulse.MUTE_SECONDS), 2):
        one.beat(float(second))
    with pytest.raises(UpstreamFault, match="30 minutes without a word"):
        one.beat(pulse.MUTE_SECONDS + 2)
    one.speak(pulse.MUTE_SECONDS + 4)
    one.beat(pulse.MUTE_SECONDS + 6)


async def _nothing(event: Event) -> None: ...
