"""The member of this node, with the real engine and the real model: calls and JSON are valid by construction."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from localswarm.chat import (
    Candidate,
    ChatRequest,
    Event,
    Finished,
    Message,
    Policy,
    ResponseFormat,
    Sampling,
    Text,
    TextDelta,
    ToolCallDelta,
    ToolChoice,
    ToolSpec,
)
from localswarm.engines.base import EngineOptions
from localswarm.engines.process import EngineProcess
from localswarm.errors import BadRequest, ContextOverflow, EngineFault, ModelNotFound
from localswarm.node.speech import dialect_of
from localswarm.swarm.answer import Swarm
from localswarm.swarm.worker import Worker

WEATHER = ToolSpec(
    "get_weather",
    "Get the weather of a city",
    {
        "type": "object",
        "properties": {"city": {"type": "string"}, "unit": {"enum": ["c", "f"]}},
        "required": ["city", "unit"],
    },
)
ADD = ToolSpec(
    "add",
    "Add two whole numbers",
    {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}, "required": ["a", "b"]},
)
TOOLS = (WEATHER, ADD)
GREEDY = Sampling(temperature=0, max_tokens=120)


@pytest.fixture
async def worker(smollm2: Path, tmp_path: Path) -> AsyncIterator[Worker]:
    engine = EngineProcess(EngineOptions(smollm2, context=2048, seats=4, threads=1), tmp_path / "engine.log")
    task = asyncio.create_task(engine.run())
    await engine.first_card()
    yield Worker("local", engine, dialect_of(None))
    await engine.close()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def request(text: str, **more: object) -> ChatRequest:
    base = ChatRequest(f"{text}{more}", "swarm", (Message("user", (Text(text),)),), sampling=GREEDY)
    return replace(base, **more)  # type: ignore[arg-type]


async def run(worker: Worker, asked: ChatRequest) -> tuple[list[Event], list[Candidate]]:
    events: list[Event] = []

    async def emit(event: Event) -> None:
        events.append(event)

    return events, await worker.generate(asked, emit)


def joined(events: list[Event], index: int) -> str:
    return "".join(one.arguments for one in events if isinstance(one, ToolCallDelta) and one.index == index)


async def test_calls(worker: Worker) -> None:
    """One start of the engine for all of them: it takes a second."""
    events, (candidate,) = await run(
        worker, request("Weather in Paris?", tools=TOOLS, tool_choice=ToolChoice("required", parallel=False))
    )
    (call,) = candidate.message.calls
    assert call.name in ("get_weather", "add") and isinstance(json.loads(call.arguments), dict)
    assert joined(events, 0) == call.arguments and candidate.reason == "tool_calls"

    _, (candidate,) = await run(
        worker, request("Weather in Paris?", tools=TOOLS, tool_choice=ToolChoice("required", ("add",), parallel=False))
    )
    (call,) = candidate.message.calls
    assert call.name == "add" and set(json.loads(call.arguments)) == {"a", "b"}

    hot = Sampling(temperature=1.5, top_p=1, min_p=0, top_k=0, max_tokens=200, seed=1)
    several = request("Add 3 and 4.", tools=TOOLS, tool_choice=ToolChoice("required", parallel=False), sampling=hot)
    _, candidates = await run(worker, replace(several, policy=Policy(4)))
    for candidate in candidates:
        for call in candidate.message.calls:
            if candidate.reason == "tool_calls":
                assert isinstance(json.loads(call.arguments), dict)

    _, (candidate,) = await run(worker, request("Who are you?", tools=TOOLS, tool_choice=ToolChoice("none")))
    assert candidate.message.text and not candidate.message.calls


async def test_answers_in_a_form(worker: Worker) -> None:
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string", "maxLength": 20}, "age": {"type": "integer", "maximum": 99}},
        "required": ["name", "age"],
        "additionalProperties": False,
    }
    _, (candidate,) = await run(worker, request("Invent a person.", response_format=ResponseFormat(schema)))
    value = json.loads(candidate.message.text)
    assert set(value) == {"name", "age"} and value["age"] <= 99 and candidate.reason == "stop"
    anything = request("Invent a person as JSON.", response_format=ResponseFormat({"type": "object"}))
    _, (candidate,) = await run(worker, replace(anything, sampling=replace(GREEDY, max_tokens=400)))
    if candidate.reason == "stop":
        assert isinstance(json.loads(candidate.message.text), dict)


async def test_stops_logprobs_and_raw_text(worker: Worker) -> None:
    counting = request(
        "Count: one, two", raw="one, two, three, four,", messages=(), sampling=replace(GREEDY, max_tokens=20)
    )
    _, (whole,) = await run(worker, counting)
    stopped = replace(counting, id="stop", sampling=replace(counting.sampling, stop=(whole.message.text[3:6],)))
    events, (cut,) = await run(worker, stopped)
    assert whole.message.text.startswith(cut.message.text) and cut.stop == whole.message.text[3:6]
    assert cut.reason == "stop"

    spoken = request("Name three colours.", sampling=replace(GREEDY, logprobs=2, max_tokens=12))
    events, (candidate,) = await run(worker, spoken)
    text = "".join(event.text for event in events if isinstance(event, TextDelta))
    assert text == candidate.message.text
    assert b"".join(entry.bytes for entry in candidate.logprobs).decode(errors="ignore").startswith(text)
    end = events[-1]
    assert isinstance(end, Finished) and end.usage.completion == 12

    with_stop = request("Name three colours.", sampling=replace(GREEDY, stop=(candidate.message.text[4:7],)))
    _, (short,) = await run(worker, with_stop)
    assert short.message.text == candidate.message.text[:4] and short.stop == candidate.message.text[4:7]


async def test_counting_tokens_and_vectors(worker: Worker) -> None:
    swarm = Swarm([worker])
    asked = request("How many tokens are these?")
    _, (candidate,) = await run(worker, asked)
    assert await swarm.count(asked) == candidate.usage.prompt
    tokens = await swarm.tokenize("swarm", "Hello there", special=True)
    assert await swarm.detokenize("swarm", tokens) == "Hello there"
    with pytest.raises(BadRequest, match="no token"):
        await swarm.detokenize("swarm", [10**6])
    one, same, other = await swarm.embed("swarm", ["a red apple", "a red apple", "the stock market fell " * 60])
    assert one == same and len(one.vector) == 576
    assert sum(x * x for x in other.vector) == pytest.approx(1, abs=1e-3)
    assert sum(a * b for a, b in zip(one.vector, other.vector, strict=True)) < 0.98
    with pytest.raises(ContextOverflow):
        await swarm.embed("swarm", ["word " * 9000])
    with pytest.raises(EngineFault):
        await swarm.tokenize("swarm", "\ud800", special=False)
    long = "a b " * 200_000
    assert await swarm.detokenize("swarm", await swarm.tokenize("swarm", long, special=False)) == long
    assert len(await swarm.tokenize("swarm", "<|im_start|>" * 30_000, special=True)) == 30_000
    with pytest.raises(BadRequest, match="markers"):
        await swarm.tokenize("swarm", "<|im_start|>" * 300_000, special=True)
    with pytest.raises(ModelNotFound):
        await swarm.embed("other", ["x"])


async def test_more_messages_than_tokens_are_refused_before_they_are_rendered(worker: Worker) -> None:
    asked = request("a")
    with pytest.raises(ContextOverflow, match="at least 300000 tokens"):
        await run(worker, replace(asked, messages=asked.messages * 300_000))
    with pytest.raises(ContextOverflow, match="resulted in 2049 tokens"):
        await run(worker, replace(asked, messages=(), raw=(1,) * 2049))
    markers = request("<|im_end|>" * 3_000_000)
    with pytest.raises(ContextOverflow, match="at least 4096 tokens"):
        await run(worker, markers)
    with pytest.raises(ContextOverflow, match="at least 4096 tokens"):
        await worker.count(markers)
