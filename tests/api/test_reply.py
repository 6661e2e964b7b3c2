"""Streams: nothing is sent before the first event, errors keep their place, silence is broken, on every wire."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import anyio
import pytest
from localswarm.api.anthropic import request as anthropic
from localswarm.api.anthropic.stream import MessageStream
from localswarm.api.chosen.told import Told
from localswarm.api.ollama import request as ollama
from localswarm.api.ollama.answer import Lines, Watch, in_message
from localswarm.api.reply import StreamReply, StreamWire, WholeReply, Work
from localswarm.chat import Accepted, Candidate, Embedding, Emit, Event, Finished, TextDelta, Usage
from localswarm.errors import EngineDied, Overloaded, SwarmError

HELLO = {"model": "m", "messages": [{"role": "user", "content": "x"}]}


@dataclass(frozen=True)
class Kind:
    name: str
    wire: Callable[[], StreamWire]
    read: Callable[[str], list[Any]]  # a whole stream as its events
    idle: Callable[[Any], bool]
    ends: Callable[[Any], bool]
    message: Callable[[Any], str]  # of an error


def server_sent(text: str) -> list[Any]:
    return [json.loads(part.split("data: ")[1]) for part in text.split("\n\n") if part]


def json_lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


ANTHROPIC = Kind(
    "anthropic",
    lambda: MessageStream(anthropic.from_wire(HELLO, "id", "", ["m"])),
    server_sent,
    lambda event: bool(event["type"] == "ping"),
    lambda event: bool(event["type"] == "message_stop"),
    lambda event: str(event["error"]["message"]),
)
OLLAMA = Kind(
    "ollama",
    lambda: Lines(ollama.chat_from_wire(HELLO, "id"), in_message, Watch(Told("id"))),
    json_lines,
    lambda event: event.get("message") == {"role": "assistant", "content": ""} and not event["done"],
    lambda event: bool(event.get("done")),
    lambda event: str(event["error"]),
)
each_wire = pytest.mark.parametrize("kind", [ANTHROPIC, OLLAMA], ids=lambda kind: kind.name)


class Client:
    """The two ends of an ASGI connection."""

    def __init__(self, seconds_for_a_write: float = 0) -> None:
        self.sent: list[dict[str, Any]] = []
        self.left = anyio.Event()
        self._seconds = seconds_for_a_write

    async def receive(self) -> dict[str, Any]:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.sent.append(message)
        await anyio.sleep(self._seconds)

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def text(self) -> str:
        return b"".join(message.get("body", b"") for message in self.sent).decode()

    @property
    def ended(self) -> bool:
        return self.sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}


async def run(kind: Kind, work: Work, silence: float = 10.0, client: Client | None = None) -> Client:
    client = client or Client()
    await StreamReply(work, kind.wire(), silence)({"type": "http"}, client.receive, client.send)
    return client


def working(*steps: Event | SwarmError | float) -> Work:
    async def work(emit: Emit) -> list[Candidate]:
        for step in steps:
            if isinstance(step, SwarmError):
                raise step
            await (anyio.sleep(step) if isinstance(step, float) else emit(step))
        return []

    return work


@each_wire
async def test_a_whole_stream(kind: Kind) -> None:
    client = await run(kind, working(Accepted(3), TextDelta("hi"), Finished("stop", Usage(3, 1, 2))))
    assert client.status == 200 and client.ended
    events = kind.read(client.text)
    assert [kind.ends(event) for event in events] == [False] * (len(events) - 1) + [True]


@each_wire
@pytest.mark.parametrize("error", [Overloaded("full", 9), SwarmError("oh")])
async def test_an_error_before_the_first_event_has_its_own_status(kind: Kind, error: SwarmError) -> None:
    client = await run(kind, working(error))
    assert client.status == error.status
    headers = dict(client.sent[0]["headers"])
    assert headers.get(b"retry-after") == (b"9" if isinstance(error, Overloaded) else None)
    assert kind.message(json.loads(client.text)) == error.message


@each_wire
async def test_an_error_in_the_middle_is_an_event_and_never_an_end(kind: Kind) -> None:
    client = await run(kind, working(Accepted(3), TextDelta("half"), EngineDied("gone")))
    *before, last = kind.read(client.text)
    assert kind.message(last) == "gone" and client.ended
    assert not any(kind.ends(event) for event in before)


@each_wire
async def test_a_fault_of_ours_in_the_middle_is_an_event_too(kind: Kind) -> None:
    async def work(emit: Emit) -> list[Candidate]:
        await emit(Accepted(3))
        raise ZeroDivisionError

    client = Client()
    with pytest.raises(ExceptionGroup, check=lambda group: group.subgroup(ZeroDivisionError) is not None):
        await run(kind, work, client=client)
    assert "its log" in kind.message(kind.read(client.text)[-1]) and client.ended


@each_wire
async def test_a_fault_of_ours_before_the_first_event_is_left_to_the_outermost_handler(kind: Kind) -> None:
    async def work(_: Emit) -> list[Candidate]:
        raise ZeroDivisionError

    client = Client()
    with pytest.raises(ExceptionGroup):
        await run(kind, work, client=client)
    assert client.sent == []


@each_wire
async def test_the_head_goes_out_as_soon_as_a_request_is_accepted(kind: Kind) -> None:
    client = Client()
    async with anyio.create_task_group() as group:
        group.start_soon(run, kind, working(Accepted(3), 60.0), 10.0, client)
        await anyio.sleep(0.05)
        assert client.status == 200
        client.left.set()


@each_wire
async def test_silence_is_broken_by_real_empty_events(kind: Kind) -> None:
    """Also between the acceptance and the first word, while a request waits for a seat."""
    client = await run(kind, working(Accepted(3), 0.5, Finished("stop", Usage(3, 0))), silence=0.1)
    idle = [event for event in kind.read(client.text) if kind.idle(event)]
    assert 3 <= len(idle) <= 7


@each_wire
async def test_nothing_breaks_the_silence_before_a_request_is_accepted(kind: Kind) -> None:
    client = await run(kind, working(0.3, Overloaded("full")), silence=0.05)
    assert client.status == 503


@each_wire
async def test_a_slow_reader_is_not_also_sent_empty_events(kind: Kind) -> None:
    work = working(Accepted(3), TextDelta("a"), TextDelta("b"), Finished("stop", Usage(3, 2)))
    client = await run(kind, work, silence=0.05, client=Client(seconds_for_a_write=0.2))
    events = kind.read(client.text)
    before_text = 1 if kind is ANTHROPIC else 0  # its streams begin with one
    assert len([event for event in events if kind.idle(event)]) == before_text
    assert kind.ends(events[-1])


@each_wire
async def test_a_client_that_leaves_cancels_the_work(kind: Kind) -> None:
    cancelled = anyio.Event()

    async def work(emit: Emit) -> list[Candidate]:
        await emit(Accepted(3))
        try:
            await anyio.sleep(60)
        finally:
            cancelled.set()
        return []

    client = Client()
    async with anyio.create_task_group() as group:
        group.start_soon(run, kind, work, 10.0, client)
        await anyio.sleep(0.05)
        client.left.set()
        with anyio.fail_after(0.1):
            await cancelled.wait()


async def test_a_client_that_leaves_while_vectors_are_made_cancels_them() -> None:
    cancelled = anyio.Event()

    async def vectors(emit: Emit) -> list[Embedding]:
        try:
            await anyio.sleep(60)
        finally:
            cancelled.set()
        return []

    client = Client()
    reply = WholeReply(vectors, lambda found: {"vectors": len(found)})
    async with anyio.create_task_group() as group:
        group.start_soon(reply, {"type": "http"}, client.receive, client.send)
        await anyio.sleep(0.05)
        client.left.set()
        with anyio.fail_after(0.1):
            await cancelled.wait()


async def test_a_whole_reply_lets_its_events_be_heard() -> None:
    heard: list[Event] = []
    client = Client()
    reply = WholeReply(working(Accepted(3), TextDelta("a")), lambda _: {"heard": len(heard)}, hear=heard.append)
    await reply({"type": "http"}, client.receive, client.send)
    assert json.loads(client.text) == {"heard": 2}
