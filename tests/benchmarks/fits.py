"""`python -m tests.benchmarks.fits FILE...`: the memory that was expected of each model, beside what it really took.

The engine's process with so much context and so many seats, after a prompt of 2,000 tokens and an answer by every seat.
Of a folder for MLX, which takes memory only as it is used, after a prompt that fills all there is. `--only 4096x1` and
the like measure those alone.
"""

import argparse
import asyncio
import tempfile
from itertools import product
from pathlib import Path

import psutil
from localswarm.chat import Sampling
from localswarm.engines.base import EngineOptions, Prompt
from localswarm.engines.process import EngineProcess
from localswarm.hardware.machine import detect
from localswarm.models.fit.fit import asked_for
from localswarm.models.fit.need import Setup
from localswarm.models.mlx.folder import is_folder
from localswarm.models.parts import body_of_file

from .client import prompt

CONTEXTS = (4096, 16384, 32768)
SEATS = (1, 4, 8)
LOOK_SECONDS = 0.05
PROMPT = 2000
ROOM = 64  # tokens, for the answer


def main() -> None:
    words = _arguments()
    print("| model | context | seats | expected, MiB | taken, MiB | expected / taken |\n|---|---|---|---|---|---|")
    for path, (context, seats) in product(words.files, words.only or list(product(CONTEXTS, SEATS))):
        setup = Setup(context, seats)
        expected = asked_for(body_of_file(path, path.stem), setup, detect()).total / 2**20
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
        work = asyncio.create_task(answer(engine, setup, filling(setup) if is_folder(path) else PROMPT))
        peak = 0
        while not work.done():
            peak = max(peak, psutil.Process(engine.pid).memory_info().rss)
            await asyncio.sleep(LOOK_SECONDS)
        await work
        await engine.close()
        await running
        return peak


def filling(setup: Setup) -> int:
    """Tokens of a prompt of which every seat has a copy: together they take the whole pool."""
    return min(setup.context, setup.pool // setup.seats) - ROOM


async def answer(engine: EngineProcess, setup: Setup, tokens: int) -> None:
    sampling = Sampling(max_tokens=16, ignore_eos=True, logprobs=5)
    async with engine.ask("one", Prompt(prompt(tokens, 1)), setup.seats, sampling) as answer:
        await answer.prompt_tokens()
        async for _ in answer.pieces():
            pass


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--only", type=_pair, action="append", metavar="CONTEXTxSEATS")
    return parser.parse_args()


def _pair(text: str) -> tuple[int, int]:
    context, _, seats = text.partition("x")
    return int(context), int(seats)


if __name__ == "__main__":
    main()
