"""A model whose layers lie in another process: the same answers, and an end that can be told."""

import asyncio
import json
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from localswarm.chat import Sampling
from localswarm.engines.base import EngineOptions, Loan, Prompt
from localswarm.engines.process import EngineProcess
from localswarm.errors import EngineDied
from localswarm.models import embedded

from . import rpc_server

ROOM = 2**30
TROUBLE = "The machine desk is lost."


@pytest.fixture(autouse=True)
def built() -> None:
    rpc_server.needed()


class Ground:
    """`free`: what is lent is there again."""

    def __init__(self) -> None:
        self.free = asyncio.Event()

    async def ready(self) -> None:
        await self.free.wait()

    def trouble(self) -> str:
        return TROUBLE


@asynccontextmanager
async def loaded(
    folder: Path, ground: Ground | None = None, *loans: Loan, layers: int = -1
) -> AsyncIterator[EngineProcess]:
    options = EngineOptions(embedded.find(), context=512, seats=2, threads=1, gpu_layers=layers, loans=loans)
    engine = EngineProcess(options, folder / "engine.log", ground=ground)
    running = asyncio.create_task(engine.run())
    await engine.first_card()
    try:
        yield engine
    finally:
        await engine.close()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def written(engine: EngineProcess, tokens: int = 24) -> str:
    sampling = Sampling(temperature=0.0, max_tokens=tokens)
    async with engine.ask("job", Prompt("Once upon a time there was"), 1, sampling) as answer:
        await answer.prompt_tokens()
        return "".join([piece.text async for piece in answer.pieces()])


async def test_wherever_the_layers_lie_the_greedy_answer_is_the_same(tmp_path: Path) -> None:
    async with loaded(tmp_path) as engine:
        expected = await written(engine)
    for layers in (-1, 15):
        with rpc_server.lending() as (_, one), rpc_server.lending() as (_, two):
            loans = Loan(one, (ROOM,)), Loan(two, (2 * ROOM,))
            async with loaded(tmp_path, None, *loans, layers=layers) as engine:
                assert await written(engine) == expected
                assert await written(engine) == expected  # from the cells that are kept
        log = (tmp_path / "engine.log").read_text()
        assert "assigned to device RPC0" in log and "assigned to device RPC1" in log


async def test_one_that_is_killed_is_told_and_the_engine_waits_for_it(tmp_path: Path) -> None:
    ground = Ground()
    with rpc_server.lending() as (server, endpoint):
        async with loaded(tmp_path, ground, Loan(endpoint, (ROOM,))) as engine:
            answering = asyncio.create_task(written(engine, 400))
            while not engine.load.running:  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0.02)
            begun = time.monotonic()
            server.kill()
            with pytest.raises(EngineDied, match=TROUBLE):
                await answering
            assert time.monotonic() - begun < 3
            await asyncio.sleep(1.5)
            with pytest.raises(EngineDied, match=f"{TROUBLE} It is being started again"):
                engine.card()


def test_it_ends_with_whoever_started_it() -> None:
    with rpc_server.lending() as (server, _):
        assert server.stdin
        server.stdin.close()
        assert server.wait(5) == 0


def test_what_there_is_to_lend_is_told() -> None:
    done = subprocess.run([*rpc_server.COMMAND, "terms"], capture_output=True, check=True)
    (device, *_) = json.loads(done.stdout)
    assert device["name"] and device["free"] >= 0
