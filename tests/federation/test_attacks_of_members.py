"""A paired node that lies: it costs others nothing but the answers that it would have given."""

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from aiohttp import web
from localswarm.chat import ChatRequest, Event, Message, Text, ToolSpec
from localswarm.errors import SwarmError, UpstreamFault
from localswarm.federation.nodes import About, Endpoint, Load, Offer, Rumour
from localswarm.federation.wire import messages
from localswarm.swarm.answer import Swarm as Answering
from localswarm.swarm.member import Busy, Details, Served

from .liar import SERVED, Liar, liar, lines
from .swarms import Running, Swarm, until

REQUEST = ChatRequest("r", "lie", (Message("user", (Text("Hello"),)),), (ToolSpec("read"),))
ESCAPE = "\x1b[2J\u202eevil"


@pytest.fixture
async def swarm(tmp_path: Path) -> AsyncIterator[Swarm]:
    async with Swarm(tmp_path) as swarm:
        yield swarm


async def met(node: Running, one: Liar) -> None:
    assert await one.introduce(node.federation.port) == 200
    await until(lambda: bool(node.federation.members()))


async def well(node: Running) -> None:
    """It runs, and others can join it."""
    assert not node.task.done()
    await anyio.sleep(0.3)
    assert not node.task.done(), node.task


ADDRESSES = (
    ("a" * 300, 1),
    ("\x00", 80),
    ("example.com", 80),
    (".", 1),
    ("xn--" + "é" * 80, 80),
    ("127.0.0.1", 2**40),
    ("127.0.0.1", -1),
    ("fe80::1%" + ESCAPE, 1),
    ("224.0.0.1", 5353),
    ("0.0.0.0", 1),
    (ESCAPE, 1),
)


async def test_addresses_that_are_none_are_not_called(swarm: Swarm, tmp_path: Path) -> None:
    """A name would be looked up wherever its owner likes, and one that is no name would end the node."""
    first = swarm.start("first")
    places = tuple(Endpoint(host, port) for host, port in ADDRESSES)
    async with liar(tmp_path / "first", swarm.code) as one:
        one.about = About(one.id, "i", "liar", "1", "", 1.0, places)
        one.rumours = tuple(Rumour(f"{at:016x}", "alive", 5, (place,)) for at, place in enumerate(places))
        others = (Rumour(first.id, "alive", 5, places), Rumour(ESCAPE, "alive", 1, places))
        assert await one.introduce(first.federation.port, *one.rumours, *others) == 200
        await until(lambda: bool(first.federation.members()))
        await well(first)
        told = json.dumps([list(peer.endpoints) for peer in first.federation.look().peers])
    assert "evil" not in told and "example" not in told and "\\u0000" not in told


async def test_what_it_tells_of_itself_is_cleaned_and_can_be_reckoned_with(swarm: Swarm, tmp_path: Path) -> None:
    first = swarm.start("first")
    wild = Details(
        family=ESCAPE, quant=ESCAPE, dialect=ESCAPE, bytes=-5, parameters=2**63, reads=-1.0, writes=1e-300, strength=1e9
    )
    odd = Served("model", -1, 2**60, 0, 2**62, (ESCAPE,) * 1000, wild)
    async with liar(tmp_path / "first", swarm.code) as one:
        one.about = About(one.id, "i", ESCAPE * 100, ESCAPE, ESCAPE * 1000, float("inf"), ())
        one.offers = (Offer("m", odd), Offer(ESCAPE, SERVED), Offer("e", Served(ESCAPE, 1, 1, 1, 1)))
        one.loads = (Load("m", Busy(-(10**6), -(10**6), -1, 2**60, 2**60)), Load(ESCAPE, Busy(0, 0, 0, 0, 0)))
        await met(first, one)
        (peer,) = first.federation.look().peers
        shown = repr(peer) + "\n".join(first.said)
        answering = Answering([first.member], [first.federation])
        # Routing reckons with what it tells.
        assert await answering.count(ChatRequest("r", "swarm", REQUEST.messages))
        assert answering.models()
    assert "\\x1b" not in shown and "\\u202e" not in shown and "\x1b" not in shown
    assert [served.id for served in peer.models] == ["model"]
    served = peer.models[0]
    assert served.context >= 1 and served.seats >= 1 and 0 <= served.created < 2**32 and served.details.writes == 0
    assert peer.busy is not None and peer.busy.waiting >= 0


async def test_ten_thousand_offers_keep_nobody_waiting(swarm: Swarm, tmp_path: Path) -> None:
    first = swarm.start("first")
    async with liar(tmp_path / "first", swarm.code) as one:
        one.offers = tuple(Offer(f"m{at}", SERVED) for at in range(10_000))
        body = messages.REPORT.dump(one.report())  # which takes as long as to read it

        async def reported(request: web.Request) -> web.StreamResponse:
            return web.Response(body=body)

        one.paths["/swarm/report"] = reported
        assert await one.introduce(first.federation.port) == 200
        await until(lambda: "/swarm/report" in one.asked)
        slowest, until_then = 0.0, time.monotonic() + 2
        while time.monotonic() < until_then:
            before = time.monotonic()
            await anyio.sleep(0.01)
            slowest = max(slowest, time.monotonic() - before)
        await until(lambda: bool(first.federation.members()))
        assert len(first.federation.members()) == 256 and slowest < 1


async def test_a_revision_that_always_changes_is_not_always_read(swarm: Swarm, tmp_path: Path) -> None:
    first = swarm.start("first")
    async with liar(tmp_path / "first", swarm.code) as one:

        async def probed(request: web.Request) -> web.StreamResponse:
            one.revision += 1
            return web.Response(body=messages.PROBED.dump(messages.Probed(2**21, "i", one.revision, one.loads)))

        one.paths["/swarm/probe"] = probed
        await met(first, one)
        crowd = first.federation._life.crowd
        for _ in range(60):
            one.revision += 1
            await crowd.heard(one.id, messages.Probed(2**21, "i", one.revision, one.loads))
        assert one.asked.count("/swarm/report") < 20


def candidate(*parts: Any, **more: Any) -> dict[str, Any]:
    usage = {"prompt": 1, "completion": 1}
    message = {"role": "assistant", "parts": list(parts)}
    return {"member": "m", "message": message, "reason": "stop", "usage": usage, **more}


def answered(*candidates: dict[str, Any]) -> dict[str, Any]:
    return {"reply": {"t": "Answered", "candidates": list(candidates)}}


TEXT = {"t": "Text", "text": "hi"}
END = {"t": "Finished", "reason": "stop", "usage": {"prompt": 1, "completion": 1}}
CALL = {"t": "ToolCall", "id": "c", "name": "format_disk", "arguments": "{}"}
DID = {"id": "c", "tool": "format_disk", "state": "done", "content": "ok"}
LIES = {
    "a call that was never offered": [[END], answered(candidate(CALL))],
    "the beginning of one": [[{"t": "ToolCallDelta", "index": 0, "id": "c", "name": "format_disk"}]],
    "a call without a beginning": [[{"t": "ToolCallDelta", "index": 7, "arguments": "{}"}]],
    "two answers": [answered(candidate(TEXT), candidate(TEXT))],
    "none": [answered()],
    "the second of one": [[{"t": "TextDelta", "text": "x", "candidate": 1}]],
    "the one before the first": [[{"t": "TextDelta", "text": "x", "candidate": -1}]],
    "tokens that do not exist": [[{"t": "Written", "tokens": [-1]}]],
    "tokens without end": [[{"t": "Written", "tokens": [2**40]}]],
    "counts below nothing": [[{**END, "usage": {"prompt": -1, "completion": 2**60}}]],
    "a picture": [answered(candidate({"t": "Image", "url": "http://10.0.0.1/"}))],
    "the user's words": [answered({**candidate(TEXT), "message": {"role": "user", "parts": [TEXT]}})],
    "sure beyond measure": [answered(candidate(TEXT, chances=["inf"]))],
    "a number that is none": [answered(candidate(TEXT, chances=[float("nan")]))],
    "a choice": [[{"t": "Chosen", "verdict": {"kind": "prose", "method": "vote", "ballots": [], "winner": 3}}]],
    "a call that it made itself": [[{"t": "Step", "round": 1, "call": CALL, "outcome": DID}]],
    "another reply": [{"reply": {"t": "Counted", "tokens": 1}}],
}


@pytest.mark.parametrize("said", LIES.values(), ids=LIES)
async def test_what_is_no_answer_is_a_fault_of_the_node(swarm: Swarm, tmp_path: Path, said: list[Any]) -> None:
    first = swarm.start("first")
    heard: list[Event] = []

    async def emit(event: Event) -> None:
        heard.append(event)

    async with liar(tmp_path / "first", swarm.code) as one:
        one.paths["/swarm/generate"] = lines(*said)
        await met(first, one)
        (member,) = first.federation.members()
        with pytest.raises(UpstreamFault):
            await member.generate(REQUEST, emit)
    assert not heard, "nothing of it was told"


async def test_an_answer_without_end_comes_to_one(swarm: Swarm, tmp_path: Path) -> None:
    first = swarm.start("first")
    heard = 0

    async def flood(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(json.dumps(["x" * 2**16]).encode() + b"\n")

    async def emit(event: Event) -> None:
        nonlocal heard
        heard += 1

    async with liar(tmp_path / "first", swarm.code) as one:
        one.paths["/swarm/generate"] = flood
        await met(first, one)
        (member,) = first.federation.members()
        with pytest.raises(UpstreamFault, match="more than its model has room for"):
            await member.generate(REQUEST, emit)
    assert heard < 200


@pytest.mark.parametrize(
    "vectors",
    [
        [],
        [{"vector": [1.0], "tokens": 1}, {"vector": [1.0], "tokens": 1}],
        [{"vector": ["inf"], "tokens": 1}],
        [{"vector": [float("nan")], "tokens": 1}],
        [{"vector": [1e999], "tokens": 1}],
        [{"vector": [0.5], "tokens": -4}],
    ],
)
async def test_an_embedding_that_is_none(swarm: Swarm, tmp_path: Path, vectors: list[Any]) -> None:
    first = swarm.start("first")
    async with liar(tmp_path / "first", swarm.code) as one:
        one.paths["/swarm/embed"] = lines({"reply": {"t": "Vectors", "embeddings": vectors}})
        await met(first, one)
        with pytest.raises(UpstreamFault):
            await first.federation.members()[0].embed(["one text"])


async def test_its_errors_are_cleaned(swarm: Swarm, tmp_path: Path) -> None:
    first = swarm.start("first")
    fault = {"names": ["Overloaded"] * 1000, "message": ESCAPE + "x" * 10**6, "retry_after": 10**9, "model": ESCAPE}
    async with liar(tmp_path / "first", swarm.code) as one:
        one.paths["/swarm/count"] = lines({"error": fault})
        await met(first, one)
        with pytest.raises(SwarmError) as refused:
            await first.federation.members()[0].count(REQUEST)
    error = refused.value
    assert "\x1b" not in error.message and "\u202e" not in error.message and len(error.message) < 5000
    assert 0 <= getattr(error, "retry_after", 0) <= 3600


async def test_one_that_is_denied_gets_nothing_and_what_is_open_is_closed(swarm: Swarm, tmp_path: Path) -> None:
    first = swarm.start("first")
    async with liar(tmp_path / "first", swarm.code) as one:
        await met(first, one)
        swarm.state_of(first.folder).peers.deny(one.id)
        await until(lambda: not first.federation.members(), 10)
        asked = len(one.asked)
        for path in ("/swarm/report", "/swarm/weights", "/swarm/nothing"):
            async with one.calling(first.federation.port) as session, session.get(path) as response:
                assert response.status == 403
                assert b"scripted" not in await response.read()
        assert await one.introduce(first.federation.port) == 403
        await anyio.sleep(1.5)
        assert len(one.asked) <= asked + 1, "nor is it asked"
        assert not first.federation.look().peers
