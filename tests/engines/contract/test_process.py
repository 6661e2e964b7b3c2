"""The engine in a process of its own, as a node has it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from localswarm.chat import Sampling
from localswarm.engines.base import EngineOptions, Prompt
from localswarm.engines.process import EngineProcess, Timing
from localswarm.errors import EngineDied

from .model import Model


@asynccontextmanager
async def started(model: Model, folder: Path) -> AsyncIterator[EngineProcess]:
    options = EngineOptions(model.path, context=512, seats=2, pool=512)
    engine = EngineProcess(options, folder / "engine.log", Timing(first_pause=0.05))
    running = asyncio.create_task(engine.run())
    try:
        await engine.first_card()
        yield engine
    finally:
        await engine.close()
        await running


async def written(engine: EngineProcess, tokens: int) -> str:
    async with engine.ask("job", Prompt("red blue"), 1, Sampling(temperature=0, max_tokens=tokens)) as answer:
        await answer.prompt_tokens()
        return "".join([piece.text async for piece in answer.pieces()])


async def test_a_crash_ends_the_request_with_an_error_and_the_engine_comes_back(model: Model, tmp_path: Path) -> None:
    async with started(model, tmp_path) as engine:
        first = await written(engine, 8)
        async with engine.ask("long", Prompt("red"), 1, Sampling(max_tokens=400, ignore_eos=True)) as answer:
            await answer.prompt_tokens()
            assert engine.pid
            os.kill(engine.pid, signal.SIGKILL)
            with pytest.raises(EngineDied, match="signal 9"):
                async for _ in answer.pieces():
                    pass
        for _ in range(600):
            await asyncio.sleep(0.05)
            if engine.restarts and _ready(engine):
                break
        assert await written(engine, 8) == first


def _ready(engine: EngineProcess) -> bool:
    try:
        engine.card()
    except Exception:  # it is still down or loading
        return False
    return True


async def test_a_client_that_leaves_takes_nothing_with_it(model: Model, tmp_path: Path) -> None:
    async with started(model, tmp_path) as engine:
        async with engine.ask("gone", Prompt("red"), 2, Sampling(ignore_eos=True)) as answer:
            await answer.prompt_tokens()
        assert await written(engine, 8)
        assert await engine.tokenize("red blue", False) == await engine.tokenize("red blue", True)
