"""Two real engines, of which the one that answers is killed."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from localswarm.chat import (
    Candidate,
    ChatRequest,
    Emit,
    Event,
    Message,
    Sampling,
    Text,
    TextDelta,
    ToolCallDelta,
    ToolChoice,
    Verdict,
)
from localswarm.engines.base import EngineOptions
from localswarm.engines.process import EngineProcess
from localswarm.node.speech import dialect_of
from localswarm.swarm.answer import Swarm
from localswarm.swarm.worker import Worker

from .polled import READ, Heard
from .scripted import candidate_of

GREEDY = Sampling(temperature=0, temperature_set=True, max_tokens=60)
TALK = ChatRequest("r", "m", (Message("user", (Text("Tell me about the sea."),)),), sampling=GREEDY)
# A value that it is sure of: read in other pieces, two that are nearly as likely may change places.
ASKED = (Message("user", (Text("Read the file sea.txt."),)),)
CALL = replace(TALK, messages=ASKED, tools=(READ,), tool_choice=ToolChoice("required", parallel=False))
CASES = [
    TALK,
    replace(TALK, sampling=replace(GREEDY, logprobs=1)),
    replace(TALK, messages=(), raw="The sea is", sampling=replace(GREEDY, stop=("\n\n\n", "zebra"))),
    CALL,
]


class Seen(Worker):
    async def generate(self, request: ChatRequest, emit: Emit) -> list[Candidate]:
        self.asked = True
        return await super().generate(request, emit)


class Pair:
    def __init__(self, engines: list[EngineProcess]) -> None:
        self.engines = engines
        self.workers = [Seen(f"{at}", engine, dialect_of(None)) for at, engine in enumerate(engines)]

    async def answer(self, asked: ChatRequest, dies: int | None) -> tuple[Candidate, Heard]:
        """`dies`: characters behind which the engine that answers is killed."""
        heard, told = Heard(), 0

        async def emit(event: Event) -> None:
            nonlocal told
            await heard.emit(event)
            told += len(event.text) if isinstance(event, TextDelta) else 0
            told += len(event.arguments) if isinstance(event, ToolCallDelta) else 0
            if dies is not None and dies <= told < 10**6:
                told = 10**6
                (writing,) = [at for at, worker in enumerate(self.workers) if worker.asked]
                os.kill(self.engines[writing].pid or 0, signal.SIGKILL)

        for worker in self.workers:
            worker.asked = False
        (candidate,) = await Swarm(self.workers).answer(asked, emit)
        return candidate, heard

    async def healed(self) -> None:
        while True:
            try:
                for worker in self.workers:
                    worker.served()
                return
            except Exception:  # it is still down or loading
                await asyncio.sleep(0.05)


@pytest.fixture
async def pair(smollm2: Path, tmp_path: Path) -> AsyncIterator[Pair]:
    engines = [
        EngineProcess(EngineOptions(smollm2, context=1024, seats=2, threads=1, name="m"), tmp_path / f"engine-{at}.log")
        for at in range(2)
    ]
    tasks = [asyncio.create_task(engine.run()) for engine in engines]
    for engine in engines:
        await engine.first_card()
    yield Pair(engines)
    for engine in engines:
        await engine.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def warned(verdict: Verdict) -> bool:
    return any("went on" in warning for warning in verdict.warnings)


async def test_a_killed_engines_answer_is_that_of_one_that_lives(pair: Pair) -> None:
    for at, asked in enumerate(CASES):
        whole, heard = await pair.answer(asked, None)
        assert not warned(heard.verdict)
        broken, heard = await pair.answer(replace(asked, id=f"broken-{at}"), 5)
        assert warned(heard.verdict), asked
        told = candidate_of(heard.events, 0)
        assert told.message == broken.message and heard.in_order
        assert (broken.message.text, broken.reason) == (whole.message.text, whole.reason)
        assert [call.arguments for call in broken.message.calls] == [call.arguments for call in whole.message.calls]
        assert broken.usage.completion == whole.usage.completion
        assert [entry.bytes for entry in broken.logprobs] == [entry.bytes for entry in whole.logprobs]
        await pair.healed()
