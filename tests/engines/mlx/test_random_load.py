"""Every answer under random load is what a plain pass over its tokens says."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np
import pytest
from localswarm.chat import Sampling
from localswarm.engines.base import Job
from mlx_lm.utils import load_model

from .recording import RecordingEngine

WRITTEN = 12
STEPS = {"llama": 350, "qwen3_5": 180, "jamba": 180, "mamba2": 180}
# Where two tokens are so nearly equal (logits spread over about 8), the order of sums may choose between them.
ROUNDING = 0.05


def drive(engine: RecordingEngine, seed: int, steps: int) -> None:
    """Prompts with common heads, repeated prompts, several candidates, forced texts, cancels."""
    chance = random.Random(seed)
    heads = [random_tokens(chance, size) for size in (20, 30, 5)]
    bound = engine.compile('start: /[ab]/ "the quick brown fox jumps" /[cd]/')
    jobs: list[Job] = []
    for step in range(steps):
        if chance.random() < 0.2:
            repeated = jobs and chance.random() < 0.3
            tail = random_tokens(chance, chance.randrange(0, 20))
            tokens = chance.choice(jobs).tokens if repeated else (*chance.choice(heads), *tail)
            sampling = Sampling(temperature=0, max_tokens=WRITTEN, ignore_eos=True)
            grammar = bound.fork() if chance.random() < 0.1 else None
            jobs.append(Job(f"j{step}", tokens, chance.choice([1, 1, 2, 3, 8]), sampling, constraint=grammar))
            engine.submit(jobs[-1])
        if jobs and chance.random() < 0.03:
            engine.cancel(jobs[-1].id)
        engine.step()
        load = engine.load()
        # Forced tokens of one row pad the others.
        assert load.cells_used + load.cells_cached <= load.cells + 2 * 32
    while engine.busy:
        engine.step()


def random_tokens(chance: random.Random, count: int) -> tuple[int, ...]:
    return tuple(chance.randrange(100, 40000) for _ in range(count))


def worst_choice(plain: Any, prompt: tuple[int, ...], written: tuple[int, ...]) -> float:
    """How far below the best token the worst of these choices was, given all before it."""
    rows = np.array(plain(mx.array([prompt + written]))[0].astype(mx.float32))[len(prompt) - 1 : -1]
    return float(max(row.max() - row[token] for row, token in zip(rows, written, strict=True)))


@pytest.mark.parametrize(
    ("kind", "seed", "short"),
    [
        ("llama", 1, 4096),
        ("llama", 2, 4096),
        ("llama", 1, 24),
        ("llama", 2, 24),
        ("qwen3_5", 1, 4096),
        ("qwen3_5", 2, 24),
        ("jamba", 3, 24),
        ("mamba2", 4, 4096),
    ],
)
def test_every_answer_is_right(kind: str, seed: int, short: int, folder_of: Callable[[str], Path]) -> None:
    """`short`: rows up to so many tokens are of one group."""
    path = folder_of(kind)
    plain = load_model(path)[0]
    engine = RecordingEngine(path, WRITTEN, short)
    drive(engine, seed, STEPS[kind])
    load = engine.load()
    assert (load.running, load.waiting, load.cells_used) == (0, 0, 0)
    assert len(engine.finished) > STEPS[kind] // 7
    assert not [pair for pair in set(engine.finished) if worst_choice(plain, *pair) > ROUNDING]
