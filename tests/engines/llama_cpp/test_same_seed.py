"""What docs/api.md promises of the same seed, and nothing beyond it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from localswarm.chat import Sampling
from localswarm.engines.base import EngineOptions, Job, Piece
from localswarm.engines.llama_cpp.engine import LlamaEngine

MINE = Sampling(temperature=0.8, seed=7, max_tokens=24, ignore_eos=True)
THEIRS = Sampling(temperature=0.8, seed=1, max_tokens=24, ignore_eos=True)
STORY = "<|im_start|>user\nTell me a story about a fox who meets a crow at a river in winter.<|im_end|>\n"
OTHERS = ("<|im_start|>user\nWhat is 2+2?<|im_end|>\n", "The rivers of Europe are", "A poem about the sea:\n")


@contextmanager
def opened(path: Path) -> Iterator[LlamaEngine]:
    engine = LlamaEngine(EngineOptions(path, context=2048, seats=4, pool=4096, threads=1), lambda _: None)
    try:
        yield engine
    finally:
        engine.close()


def submit(engine: LlamaEngine, name: str, prompt: str, sampling: Sampling) -> None:
    engine.submit(Job(name, engine.prepare(prompt), 1, sampling))


def finish(engine: LlamaEngine, name: str) -> str:
    pieces: list[Piece] = []
    while engine.busy:
        pieces += [one for one in engine.step() if isinstance(one, Piece) and one.job == name]
    return "".join(piece.text for piece in pieces)


def answer(engine: LlamaEngine, prompt: str, sampling: Sampling = MINE) -> str:
    submit(engine, "mine", prompt, sampling)
    return finish(engine, "mine")


def again(engine: LlamaEngine) -> str:
    answer(engine, STORY)
    return answer(engine, STORY)


def behind_others(engine: LlamaEngine) -> str:
    for prompt in OTHERS:
        answer(engine, prompt, THEIRS)
    return answer(engine, STORY)


def behind_a_part_of_it(engine: LlamaEngine) -> str:
    answer(engine, STORY[:50], THEIRS)
    return answer(engine, STORY)


def beside_others(engine: LlamaEngine) -> str:
    for number, prompt in enumerate(OTHERS):
        submit(engine, str(number), prompt, THEIRS)
    for _ in range(4):
        engine.step()
    return answer(engine, STORY)


def from_the_shelf(engine: LlamaEngine) -> str:
    answer(engine, STORY)
    for prompt in OTHERS:
        answer(engine, prompt, Sampling(seed=2, max_tokens=60, ignore_eos=True))
    assert engine._cells.shelved_bytes
    return answer(engine, STORY)


@pytest.mark.parametrize("way", [again, behind_others, behind_a_part_of_it, beside_others, from_the_shelf])
def test_a_node_with_little_in_its_memory_always_gives_the_same(
    way: Callable[[LlamaEngine], str], smollm2: Path
) -> None:
    with opened(smollm2) as engine:
        first = answer(engine, STORY)
    with opened(smollm2) as engine:
        assert way(engine) == first
        assert engine._cells.used < 512


def test_nodes_that_did_the_same_since_they_started_give_the_same(smollm2: Path) -> None:
    long = STORY + "They talked for a long time about the ice and the fish below it. " * 25
    texts = []
    for _ in range(2):
        with opened(smollm2) as engine:
            texts.append([answer(engine, prompt) for prompt in (long, STORY, long)])
    assert texts[0] == texts[1]
