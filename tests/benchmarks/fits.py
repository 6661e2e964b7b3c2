"""`python -m tests.benchmarks.fits FILE...`: the memory that was expected of each model, beside what it really took.

The engine's process with so much context and so many seats, after a prompt of 2,000 tokens and an answer by every seat.
"""

import asyncio
import sys
import tempfile
from itertools import product
from pathlib import Path

import psutil
from localswarm.chat import Sampling
from localswarm.engines.base import EngineOptions, Prompt
from localswarm.engines.process import EngineProcess
from localswarm.models.fit.need import Setup, need
from localswarm.models.parts import body_of_file

from .client import prompt

CONTEXTS = (4096, 16384, 32768)
SEATS = (1, 4, 8)
LOOK_SECONDS = 0.05


def main() -> None:
    print("| model | context | seats | expected, MiB | taken, MiB | expected / taken |\n|---|---|---|---|---|---|")
    for path, context, seats in product(map(Path, sys.argv[1:]), CONTEXTS, SEATS):
        setup = Setup(context, seats)
        body = body_of_file(path, path.stem)
        expected = need(body.geometry, body.weights.total, setup).total / 2**20
        taken = asyncio.run(measure(path, setup)) / 2**20
        print(
            f"| {path.stem} | {context} | {seats} | {expected:.0f} | {taken:.0f} | {expected / taken:.3f} |", flush=True
        )


async def measure(path: Path, setup: Setup) -> int:
    with tempfile.TemporaryDirectory() as folder:
        # More than some of the models were trained for: only their memory is of interest here.
        options = EngineOptions(path, setup.context, setup.seats, setup.pool, kv=setup.kv, stretch=True)
        engine = EngineProcess(options, Path(folder) / "engine.log")
        running = asyncio.create_task(engine.run())
        await engine.first_card()
        work = asyncio.create_task(answer(engine, setup))
        peak = 0
        while not work.done():
            peak = max(peak, psutil.Process(engine.pid).memory_info().rss)
            await asyncio.sleep(LOOK_SECONDS)
        await work
        await engine.close()
        await running
        return peak


async def answer(engine: EngineProcess, setup: Setup) -> None:
    sampling = Sampling(max_tokens=16, ignore_eos=True, logprobs=5)
    async with engine.ask("one", Prompt(prompt(2000, 1)), setup.seats, sampling) as answer:
        await answer.prompt_tokens()
        async for _ in answer.pieces():
            pass


if __name__ == "__main__":
    main()
