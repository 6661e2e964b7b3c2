"""Both engines over the same weights: greedy answers are the same, with everything that changes them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from localswarm.chat import Sampling
from localswarm.engines.base import Engine, EngineOptions

from .model import Model, for_llama_cpp, for_mlx
from .running import GREEDY, entries, one, words

MARKED = "<|im_start|>user\nhe<|im_end|>llo 12 345 ünï 日本 \U0001f600\n\n  x<|im_end|>\n"


@pytest.fixture(scope="module")
def both(tiny: Callable[[str], Path], folder: Path) -> Iterator[list[Engine]]:
    models = [for_llama_cpp(tiny("llama")), for_mlx(folder)]
    engines = [_open(model) for model in models]
    yield engines
    for engine in engines:
        engine.close()


def _open(model: Model) -> Engine:
    return model.open(EngineOptions(model.path, context=512, seats=4, pool=2048, step_tokens=48, threads=1))


@pytest.mark.parametrize(
    "plan",
    [
        GREEDY,
        replace(GREEDY, repeat_penalty=1.3),
        replace(GREEDY, frequency_penalty=1.5, presence_penalty=0.5),
        replace(GREEDY, logit_bias=((100, 3.0), (200, 4.0))),
        replace(GREEDY, temperature=1.0, top_k=1, seed=3),
        replace(GREEDY, temperature=1.0, top_p=0.0001, top_k=0, seed=3),
        replace(GREEDY, temperature=1.0, min_p=1.0, top_k=0, seed=3),
    ],
)
def test_they_choose_alike(both: list[Engine], plan: Sampling) -> None:
    first, second = (entries(one(engine, engine.prepare(words(40)), replace(plan, logprobs=3))[0]) for engine in both)
    assert [entry.bytes for entry in first] == [entry.bytes for entry in second]
    for ours, theirs in zip(first, second, strict=True):
        assert ours.logprob == pytest.approx(theirs.logprob, abs=0.05)
        assert [top.bytes for top in ours.top][:1] == [top.bytes for top in theirs.top][:1]


@pytest.mark.parametrize("special", [True, False])
@pytest.mark.parametrize("cuts", [(), (5, 14, 30)])
def test_they_read_alike(both: list[Engine], special: bool, cuts: tuple[int, ...]) -> None:
    first, second = (engine.tokenize(MARKED, special, False, cuts) for engine in both)
    assert first == second
    assert both[0].detokenize(first) == both[1].detokenize(second) == MARKED


def test_they_tell_of_the_same_model(both: list[Engine]) -> None:
    first, second = (engine.card for engine in both)
    assert set(first.markers) == set(second.markers)
    assert (first.bos, first.eos, first.template) == (second.bos, second.eos, second.template)
    assert (first.trained_context, first.parameters) == (second.trained_context, second.parameters)
    assert first.architecture == second.architecture
