"""The cost curve: 1 to 16 sequences behind prompts of 0.5k to 8k tokens, drawn into docs/.

python main.py dev bench --curve
"""

import json
import random
import sys
import time
from pathlib import Path
from statistics import median

import matplotlib
from localswarm.chat import Sampling
from localswarm.engines.base import EngineOptions, Job
from localswarm.engines.llama_cpp.engine import LlamaEngine

from .servers import ROOT

SEQUENCES = (1, 2, 4, 8, 16)
PROMPTS = (512, 1024, 2048, 4096, 7936)
STEPS = 24
PICTURE = ROOT / "docs" / "cost-curve.svg"

Curve = dict[int, dict[int, float]]


def measure(model: Path, threads: int) -> tuple[dict[int, float], Curve]:
    """Seconds to read each prompt, and milliseconds of one step for each prompt and number of sequences."""
    engine = LlamaEngine(EngineOptions(model, 8192, seats=16, pool=12288, threads=threads), lambda _: None)
    reading: dict[int, float] = {}
    writing: Curve = {}
    for length in PROMPTS:
        tokens = tuple(random.Random(length).randrange(1000, 40000) for _ in range(length))
        begun = time.perf_counter()
        _steps(engine, tokens, 1, 1)
        reading[length] = time.perf_counter() - begun
        writing[length] = {count: 1000 * median(_steps(engine, tokens, count, STEPS)) for count in SEQUENCES}
        print(f"{length} tokens: read in {reading[length]:.1f} s, steps {writing[length]}", file=sys.stderr, flush=True)
    engine.close()
    return reading, writing


def _steps(engine: LlamaEngine, tokens: tuple[int, ...], count: int, written: int) -> list[float]:
    """The time of each step in which all of them write."""
    engine.submit(Job("curve", tokens, count, Sampling(temperature=0, max_tokens=written, ignore_eos=True)))
    times = []
    while engine.busy:
        begun = time.perf_counter()
        if len(engine.step()) == count:
            times.append(time.perf_counter() - begun)
    return times[2:] or times


def draw(reading: dict[int, float], writing: Curve) -> None:
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "the same picture gives the same file"
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4))
    for length, steps in writing.items():
        left.plot(list(steps), [1000 * count / ms for count, ms in steps.items()], marker="o", label=f"{length}")
    left.set(xlabel="sequences that write at once", ylabel="tokens per second in all", xticks=SEQUENCES, ylim=0)
    left.legend(title="tokens of prompt")
    right.plot(list(reading), list(reading.values()), marker="o")
    right.set(xlabel="tokens of prompt", ylabel="seconds to read it", xlim=0, ylim=0)
    figure.tight_layout()
    figure.savefig(PICTURE, metadata={"Date": None})


def draw_curve(model: Path, threads: int) -> None:
    reading, writing = measure(model, threads)
    draw(reading, writing)
    print(json.dumps({"reading_s": reading, "step_ms": writing}, indent=2))
