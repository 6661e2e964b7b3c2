"""Streams: nothing is sent before the first event, errors keep their place, and silence is broken."""

import json
from typing import Any

import anyio
import pytest
from localswarm.api.openai.chat import ChatStream, from_wire
from localswarm.api.reply import StreamReply
from localswarm.chat import Accepted, Candidate, Emit, Finished, TextDelta, Usage
from localswarm.errors import EngineDied, Overloaded, SwarmError


class Client:
    """The two ends of an ASGI connection."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.left = anyio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def events(self) -> list[Any]:
        text = b"".join(message.get("body", b"") for message in self.sent).decode()
        return [json.loads(part[6:]) if part != "data: [DONE]" else part for part in text.split("\n\n") if part]


def reply(work: Any, silence: float = 10.0) -> StreamReply:
    body = {"messages": [{"role": "user", "content": "x"}], "stream_options": {"include_usage": True}}
    return StreamReply(work, ChatStream(from_wire(body, "id")), silence)


async def run(work: Any, silence: float = 10.0) -> Client:
    client = Client()
    await reply(work, silence)({"type": "http"}, client.receive, client.send)
    return client


async def test_a_whole_stream() -> None:
    async def work(emit: Emit) -> list[Candidate]:
        for event in (Accepted(3), TextDelta("hi"), Finished("stop", Usage(3, 1, 2))):
            await emit(event)
        return []

    client = await run(work)
    assert client.status == 200
    role, delta, end, usage, done = client.events
    assert role["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert delta["choices"][0]["delta"] == {"content": "hi"} and delta["choices"][0]["finish_reason"] is None
    assert end["choices"][0]["finish_reason"] == "stop"
    assert usage["choices"] == [] and usage["usage"]["total_tokens"] == 4
    assert done == "data: [DONE]"
    assert client.sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}


@pytest.mark.parametrize("error", [Overloaded("full", 9), SwarmError("oh")])
async def test_an_error_before_the_first_event_has_its_own_status(error: SwarmError) -> None:
    async def work(_: Emit) -> list[Candidate]:
        raise error

    client = await run(work)
    assert client.status == error.status
    headers = dict(client.sent[0]["headers"])
    assert headers.get(b"retry-after") == (b"9" if isinstance(error, Overloaded) else None)
    assert json.loads(client.sent[1]["body"])["error"]["message"] == error.message


async def test_an_error_in_the_middle_is_an_event_and_never_a_finish() -> None:
    async def work(emit: Emit) -> list[Candidate]:
        await emit(Accepted(3))
        await emit(TextDelta("half"))
        raise EngineDied("gone")

    events = (await run(work)).events
    assert events[-1]["error"]["code"] == "engine_died"
    assert all(choice["finish_reason"] is None for event in events[:-1] for choice in event["choices"])


async def test_silence_is_broken_by_real_empty_events() -> None:
    async def work(emit: Emit) -> list[Candidate]:
        await emit(Accepted(3))
        await anyio.sleep(0.5)
        return []

    idle = [event for event in (await run(work, silence=0.1)).events[1:-2] if event["choices"]]
    assert 3 <= len(idle) <= 6
    assert all(event["choices"][0]["delta"] == {} for event in idle)


async def test_a_client_that_leaves_cancels_the_work() -> None:
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
        group.start_soon(reply(work), {"type": "http"}, client.receive, client.send)
        await anyio.sleep(0.05)
        client.left.set()
        with anyio.fail_after(0.1):
            await cancelled.wait()
