"""Embeddings: who leaves is forgotten at once, others lose nothing, and no text takes more memory than is kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from localswarm.engines.base import Embedded, EngineOptions, Failure, Outcome
from localswarm.engines.llama_cpp.embedding_room import Room
from localswarm.engines.llama_cpp.engine import LlamaEngine

MIB = 2**20
LONG = tuple(range(1000, 1400))
SHORT = tuple(range(2000, 2030))


@contextmanager
def opened(path: Path, aside: int = 512 * MIB) -> Iterator[LlamaEngine]:
    engine = LlamaEngine(EngineOptions(path, context=512, seats=1, pool=512, threads=1, aside=aside), lambda _: None)
    try:
        yield engine
    finally:
        engine.close()


def drain(engine: LlamaEngine) -> list[Outcome]:
    outcomes: list[Outcome] = []
    while engine.busy:
        outcomes += engine.step()
    return outcomes


def vector_of(outcomes: list[Outcome], job: str) -> list[tuple[float, ...]]:
    return [one.embedding.vector for one in outcomes if isinstance(one, Embedded) and one.job == job]


@pytest.mark.parametrize("leaver", ["first", "second"])
def test_who_leaves_is_forgotten_within_a_step_and_others_lose_nothing(leaver: str, smollm2: Path) -> None:
    with opened(smollm2) as engine:
        engine.embed("alone", [LONG, SHORT])
        expected = vector_of(drain(engine), "alone")
        for job in ("first", "second"):
            engine.embed(job, [LONG, SHORT])
        for _ in range(3):
            assert engine.step() == []
        engine.cancel(leaver)
        outcomes = drain(engine)
    stayed = "second" if leaver == "first" else "first"
    assert vector_of(outcomes, leaver) == []
    for one, other in zip(vector_of(outcomes, stayed), expected, strict=True):
        assert one == pytest.approx(other, abs=1e-4)


def test_short_texts_are_read_together_and_each_for_itself(smollm2: Path) -> None:
    texts = [SHORT[at : at + 3 + at] for at in range(8)]
    with opened(smollm2) as engine:
        engine._pace.learn(128, 0.1)  # it may read so much in one step
        engine.embed("together", [*texts, LONG, SHORT])
        outcomes = engine.step()
        assert len(vector_of(outcomes, "together")) == len(texts), "all of them in one step"
        outcomes += drain(engine)
        together = vector_of(outcomes, "together")
        for at, text in enumerate([*texts, LONG, SHORT]):
            engine.embed("alone", [text])
            assert vector_of(drain(engine), "alone")[0] == pytest.approx(together[at], abs=1e-3)
    ends = [one.last for one in outcomes if isinstance(one, Embedded)]
    assert ends == [False] * 9 + [True]


def test_nothing_is_left_when_the_last_one_leaves(smollm2: Path) -> None:
    with opened(smollm2) as engine:
        engine.embed("a", [LONG])
        engine.step()
        engine.cancel("a")
        assert not engine.busy and engine.step() == []


def test_a_text_that_would_take_too_much_is_refused_with_the_numbers_and_others_are_not(smollm2: Path) -> None:
    with opened(smollm2, aside=60 * MIB) as engine:
        limit = engine._embedder.room.tokens
        assert 256 <= limit < 2000
        engine.embed("large", [SHORT, (7,) * (limit + 1)])
        engine.embed("small", [SHORT, (7,) * 300])
        outcomes = drain(engine)
    (refused,) = [one for one in outcomes if isinstance(one, Failure)]
    assert refused.job == "large" and refused.error.status == 400
    for word in (f"{limit + 1} tokens", "60 MiB", f"at most {limit} tokens"):
        assert word in refused.error.message
    assert len(vector_of(outcomes, "small")) == 2 and not vector_of(outcomes, "large")


def test_who_leaves_before_the_refusal_is_not_told(smollm2: Path) -> None:
    with opened(smollm2, aside=MIB) as engine:
        engine.embed("a", [SHORT])
        engine.cancel("a")
        assert not engine.busy


@pytest.mark.parametrize("tokens", [100, 1500])
def test_no_more_is_taken_than_was_reckoned(tokens: int, smollm2: Path) -> None:
    with opened(smollm2) as engine:
        process = psutil.Process()
        before, most = process.memory_info().rss, 0
        engine.embed("a", [(7,) * tokens])
        while engine.busy:
            engine.step()
            most = max(most, process.memory_info().rss)
        assert most - before <= engine._embedder.room.need(tokens)


def test_the_longest_text_is_the_longest_that_is_taken() -> None:
    room = Room(100 * MIB, 20 * MIB, 20_000)
    assert room.takes(room.tokens) and not room.takes(room.tokens + 1)
    assert Room(MIB, 20 * MIB, 20_000).tokens == 0
