"""The memory that a model takes: against what llama.cpp really took, and by its own laws."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import hypothesis.strategies as st
import psutil
import pytest
from hypothesis import given
from localswarm.chat import Sampling
from localswarm.engines.base import Card, EngineOptions, Prompt
from localswarm.engines.process import EngineProcess
from localswarm.models import gguf, layout
from localswarm.models.fit.need import Need, Setup, kv_bytes, need
from localswarm.models.geometry import Geometry, Layers

GEOMETRY = Geometry("qwen2", 28, 1536, 8960, 12, 151936, 32768, (Layers(28, 256, 256),))
SETUPS = st.builds(Setup, st.integers(512, 2**18), st.integers(1, 64), st.sampled_from(["f16", "q8_0", "q4_0"]))


@asynccontextmanager
async def running(engine: EngineProcess) -> AsyncIterator[Card]:
    task = asyncio.create_task(engine.run())
    try:
        yield await engine.first_card()
    finally:
        await engine.close()
        await task


def expected(path: Path, setup: Setup) -> Need:
    header = gguf.check(path)
    return need(layout.geometry(header), layout.weights(header).total, setup)


@pytest.mark.parametrize(
    "setup", [Setup(4096, 1), Setup(4096, 8), Setup(8192, 4), Setup(16384, 4), Setup(8192, 8, "q8_0")]
)
async def test_the_estimate_is_a_little_above_what_the_engine_takes(
    setup: Setup, smollm2: Path, tmp_path: Path
) -> None:
    options = EngineOptions(smollm2, setup.context, setup.seats, setup.pool, kv=setup.kv, stretch=True, threads=1)
    engine = EngineProcess(options, tmp_path / "engine.log")
    async with running(engine) as card:
        assert card.pool == setup.pool
        sampling = Sampling(max_tokens=8, ignore_eos=True, logprobs=5)
        async with engine.ask("a", Prompt("word " * 2000), setup.seats, sampling) as answer:
            await answer.prompt_tokens()
            async for _ in answer.pieces():
                pass
        assert engine.pid
        taken = psutil.Process(engine.pid).memory_info().rss
        assert 1.0 <= expected(smollm2, setup).total / taken <= 1.10


# Measured with the Q4_K_M of Qwen2.5-Coder-1.5B: its context, seats, and the MiB of the engine's process at work.
@pytest.mark.parametrize(("pool", "taken"), [(4096, 1433), (90112, 3793)])
def test_a_larger_model(pool: int, taken: int) -> None:
    estimate = need(GEOMETRY, 1_111_370_240, Setup(pool, 1)).total / 2**20
    assert 1.0 <= estimate / taken <= 1.10


def test_seats_share_a_pool() -> None:
    assert Setup(4096, 1).pool == 4096
    assert Setup(4096, 5).pool == 2 * 4096
    assert Setup(1000, 1).pool == 1024


@given(SETUPS, SETUPS)
def test_more_of_anything_never_takes_less(a: Setup, b: Setup) -> None:
    if a.context <= b.context and a.seats <= b.seats and a.kv == b.kv:
        assert need(GEOMETRY, 10**9, a).total <= need(GEOMETRY, 10**9, b).total


def test_a_smaller_cache() -> None:
    sizes = [kv_bytes(GEOMETRY, Setup(32768, 1, kv)) for kv in ("f16", "q8_0", "q4_0")]
    assert sizes[0] == 28 * 512 * 2 * 32768
    assert [round(size / sizes[0], 3) for size in sizes] == [1.0, 0.531, 0.281]


def test_recurrent_states_grow_with_seats_and_not_with_the_context() -> None:
    recurrent = Geometry("mamba", 2, 64, 128, 0, 1000, 4096, (), state=1000)
    one, longer, more = (need(recurrent, 0, setup).kv for setup in (Setup(4096, 1), Setup(8192, 1), Setup(4096, 3)))
    assert one == longer == 9 * 1000
    assert more == 11 * 1000
