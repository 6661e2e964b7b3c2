"""Every answer under random load is what a plain loop writes, on every kind of memory."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import llama_cpp
import numpy as np
import pytest
from localswarm.chat import Sampling
from localswarm.engines.base import EngineOptions, Job
from localswarm.engines.llama_cpp.engine import LlamaEngine
from localswarm.engines.sequence import Sequence

from ...tiny_models import KINDS
from ...tiny_models.reference import Decoder, decoder

WRITTEN = 12
STEPS = 350
# Where two tokens are so nearly equal (logits spread over about 8), the order of sums may choose between them.
ROUNDING = 0.05


class RecordingEngine(LlamaEngine):
    """Keeps the tokens of what it finished."""

    def __init__(self, path: Path) -> None:
        options = EngineOptions(path, context=512, seats=6, pool=1024, step_tokens=48, threads=1)
        super().__init__(options, lambda _: None)
        # Prefixes go to the shelf and come back all the time.
        self._cells._patience = 12
        self.finished: list[tuple[list[int], list[int]]] = []

    def _end(self, sequence: Sequence) -> None:
        if sequence.written == WRITTEN:
            self.finished.append((sequence.tokens[: sequence.prompt], sequence.tokens[sequence.prompt :]))
        super()._end(sequence)


def drive(engine: RecordingEngine, seed: int) -> None:
    """Prompts with common heads, repeated prompts, several candidates, cancels."""
    chance = random.Random(seed)
    heads = [random_tokens(chance, size) for size in (20, 30, 5)]
    jobs: list[Job] = []
    for step in range(STEPS):
        if chance.random() < 0.2:
            repeated = jobs and chance.random() < 0.3
            tail = random_tokens(chance, chance.randrange(1, 20))
            tokens = chance.choice(jobs).tokens if repeated else (*chance.choice(heads), *tail)
            sampling = Sampling(temperature=0, max_tokens=WRITTEN, ignore_eos=True)
            jobs.append(Job(f"j{step}", tokens, chance.choice([1, 1, 2, 3, 8]), sampling))
            engine.submit(jobs[-1])
        if jobs and chance.random() < 0.03:
            engine.cancel(jobs[-1].id)
        engine.step()
    while engine.busy:
        engine.step()


def random_tokens(chance: random.Random, count: int) -> tuple[int, ...]:
    return tuple(chance.randrange(100, 40000) for _ in range(count))


@pytest.fixture(scope="module")
def plain(tiny: Callable[[str], Path]) -> Iterator[Callable[[str], Decoder]]:
    opened: dict[str, Decoder] = {}
    managers = []

    def open_one(kind: str) -> Decoder:
        if kind not in opened:
            managers.append(manager := decoder(tiny(kind), room=256))
            opened[kind] = manager.__enter__()
        return opened[kind]

    yield open_one
    for manager in managers:
        manager.__exit__(None, None, None)


def worst_choice(plain: Decoder, prompt: list[int], written: list[int]) -> float:
    """How far below the best token the worst of these choices was, given all before it."""
    llama_cpp.llama_memory_clear(plain.memory, True)
    assert plain.decode(prompt, 0) == 0
    worst = 0.0
    for at, token in enumerate(written):
        logits = np.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(plain.context, -1), shape=(49152,))
        worst = max(worst, float(logits.max() - logits[token]))
        assert plain.decode([token], len(prompt) + at) == 0
    return worst


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_every_answer_is_right(
    kind: str, seed: int, tiny: Callable[[str], Path], plain: Callable[[str], Decoder]
) -> None:
    engine = RecordingEngine(tiny(kind))
    try:
        drive(engine, seed)
        load = engine.load()
        assert (load.running, load.waiting, load.cells_used) == (0, 0, 0)
    finally:
        engine.close()
    assert len(engine.finished) > 50
    for prompt, written in {(tuple(p), tuple(w)) for p, w in engine.finished}:
        assert worst_choice(plain(kind), list(prompt), list(written)) < ROUNDING
