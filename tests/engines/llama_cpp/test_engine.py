"""llama.cpp's kinds of memory, against a plain loop, and the real model; `../contract` has what any engine promises."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from localswarm.chat import Sampling, Usage
from localswarm.engines.base import EngineOptions, Job, Piece
from localswarm.engines.llama_cpp.engine import LlamaEngine
from localswarm.engines.text import TextStream

from ...tiny_models import KINDS
from ...tiny_models.reference import greedy

GREEDY = Sampling(temperature=0, max_tokens=24, ignore_eos=True)
WORDS = "red blue green one two three sea sky hill tree stone river bird fish cloud rain".split()
Result = dict[tuple[str, int], list[Piece]]


@pytest.fixture(scope="module")
def engine(smollm2: Path) -> Iterator[LlamaEngine]:
    engine = LlamaEngine(EngineOptions(smollm2, context=1024, seats=8, pool=4096, threads=1), lambda _: None)
    yield engine
    engine.close()


def run(engine: LlamaEngine, *jobs: Job) -> Result:
    for job in jobs:
        engine.submit(job)
    return finish(engine)


def finish(engine: LlamaEngine) -> Result:
    result: Result = {}
    while engine.busy:
        for piece in engine.step():
            assert isinstance(piece, Piece)
            result.setdefault((piece.job, piece.candidate), []).append(piece)
    return result


def text(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def chat(engine: LlamaEngine, question: str) -> tuple[int, ...]:
    return engine.prepare(f"<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n")


def one(engine: LlamaEngine, tokens: tuple[int, ...], sampling: Sampling = GREEDY, candidates: int = 1) -> Result:
    return run(engine, Job("one", tokens, candidates, sampling))


def usage(pieces: list[Piece]) -> Usage:
    assert pieces[-1].usage
    return pieces[-1].usage


def words(count: int, start: int = 0) -> str:
    return " ".join(WORDS[(start + i * i + i // 7) % len(WORDS)] for i in range(count))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_memory_writes_what_a_plain_loop_writes(kind: str, tiny: Callable[[str], Path]) -> None:
    """Alone, eight at once, three candidates of one prompt, a repeated prompt, and a second turn.

    Prompts stay below 64 tokens: from there on llama.cpp rounds differently in a step of many tokens.
    """
    path = tiny(kind)
    engine = LlamaEngine(EngineOptions(path, context=512, seats=8, pool=2048, threads=1), lambda _: None)
    try:
        prompts = {f"p{i}": engine.prepare(words(14 + 5 * i, i + 3)) for i in range(8)}
        truth = {name: expected(engine, path, tokens) for name, tokens in prompts.items()}
        assert text(one(engine, prompts["p3"])["one", 0]) == truth["p3"]
        together = run(engine, *(Job(name, tokens, 1, GREEDY) for name, tokens in prompts.items()))
        assert {name: text(together[name, 0]) for name in prompts} == truth
        candidates = one(engine, prompts["p5"], candidates=3)
        assert [text(candidates["one", i]) for i in range(3)] == [truth["p5"]] * 3
        second = (*prompts["p2"], *engine.prepare(truth["p2"])[:20], *engine.prepare(words(5)))
        assert text(one(engine, second)["one", 0]) == expected(engine, path, second)
    finally:
        engine.close()


def expected(engine: LlamaEngine, path: Path, tokens: tuple[int, ...]) -> str:
    stream = TextStream()
    parts = [stream.push(engine._model.piece(token)).text for token in greedy(path, list(tokens), 24)]
    return "".join(parts) + stream.finish().text


@pytest.mark.parametrize("kind", KINDS)
def test_a_repeated_prompt_is_not_read_again(kind: str, tiny: Callable[[str], Path]) -> None:
    engine = LlamaEngine(EngineOptions(tiny(kind), context=512, seats=4, pool=2048, threads=1), lambda _: None)
    tokens = engine.prepare(words(60))
    try:
        first, second = one(engine, tokens), one(engine, tokens)
        assert (usage(first["one", 0]).cached, usage(second["one", 0]).cached) == (0, len(tokens) - 1)
        assert text(first["one", 0]) == text(second["one", 0])
    finally:
        engine.close()


def test_the_real_model_answers(engine: LlamaEngine) -> None:
    pieces = one(engine, chat(engine, "What is the capital of France?"), Sampling(temperature=0))["one", 0]
    assert "Paris" in text(pieces)
    assert pieces[-1].reason == "stop"


def test_penalties_end_a_repetition(engine: LlamaEngine) -> None:
    tokens = engine.prepare("a b a b a b a b a b a b a b")
    plain = text(one(engine, tokens, Sampling(temperature=0, max_tokens=30))["one", 0])
    punished = text(one(engine, tokens, Sampling(temperature=0, max_tokens=30, frequency_penalty=2.0))["one", 0])
    assert len(set(punished.split())) > len(set(plain.split()))


def test_no_delta_ever_holds_half_a_character(engine: LlamaEngine) -> None:
    tokens = engine.prepare("🙂🎉🚀 日本語 🙂🎉🚀 日本語 🙂🎉🚀 日本語 🙂🎉🚀")
    result = one(engine, tokens, Sampling(seed=1, max_tokens=60, ignore_eos=True), candidates=4)
    texts = [piece.text for pieces in result.values() for piece in pieces]
    assert any(not part.isascii() for part in texts)
    assert "\ufffd" not in "".join(texts)


@pytest.mark.parametrize("kind", KINDS)
def test_many_that_begin_alike_come_and_go(kind: str, tiny: Callable[[str], Path]) -> None:
    """Memory with a window loses cells also in the middle and at the end of what others would copy."""
    chance = random.Random(0)
    engine = LlamaEngine(EngineOptions(tiny(kind), context=1024, seats=3, pool=1280, threads=1), lambda _: None)
    try:
        waiting: list[str] = []
        for step in range(220):
            if len(waiting) < 6 and chance.random() < 0.5:
                words_of = f"word {chance.randrange(5)} " * chance.choice([2, 40, 150])
                sampling = Sampling(temperature=0, max_tokens=chance.choice([1, 5, 40]))
                job = Job(str(step), engine.prepare(words_of), chance.choice([1, 1, 2]), sampling)
                engine.submit(job)
                waiting.append(job.id)
            engine.step()
            waiting = [name for name in waiting if engine._schedule.of(name)]
        finish(engine)
    finally:
        engine.close()
