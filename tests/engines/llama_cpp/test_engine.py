"""The engine on the real model and on tiny ones of every kind of memory, against a plain loop."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from localswarm.chat import Sampling, Usage
from localswarm.engines.base import EngineOptions, Job, Piece
from localswarm.engines.llama_cpp.engine import LlamaEngine
from localswarm.engines.text import TextStream
from localswarm.errors import ContextOverflow, ModelUnusable, Overloaded

from ...tiny_models import KINDS
from ...tiny_models.reference import greedy

GREEDY = Sampling(temperature=0, max_tokens=24, ignore_eos=True)
WORDS = "red blue green one two three sea sky hill tree stone river bird fish cloud rain".split()
Result = dict[tuple[str, int], list[Piece]]


@pytest.fixture(scope="module")
def engine(smollm2: Path) -> Iterator[LlamaEngine]:
    engine = LlamaEngine(EngineOptions(smollm2, context=1024, seats=8, pool=4096), lambda _: None)
    yield engine
    engine.close()


@pytest.fixture
def steady(smollm2: Path) -> Iterator[LlamaEngine]:
    """Fresh, and with steps below the 64 tokens from which on llama.cpp rounds differently."""
    engine = LlamaEngine(EngineOptions(smollm2, context=512, seats=8, pool=2048, step_tokens=48), lambda _: None)
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
    engine = LlamaEngine(EngineOptions(path, context=512, seats=8, pool=2048), lambda _: None)
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
    engine = LlamaEngine(EngineOptions(tiny(kind), context=512, seats=4, pool=2048), lambda _: None)
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


def test_usage_counts_every_token_of_the_text(engine: LlamaEngine) -> None:
    tokens = chat(engine, "Name three colours.")
    pieces = one(engine, tokens, Sampling(temperature=0, max_tokens=40, logprobs=0))["one", 0]
    assert usage(pieces).prompt == len(tokens)
    assert usage(pieces).completion == sum(len(piece.logprobs) for piece in pieces)


def test_length_is_the_reason_at_max_tokens(engine: LlamaEngine) -> None:
    pieces = one(engine, chat(engine, "Tell a story."), Sampling(max_tokens=5, ignore_eos=True))["one", 0]
    assert (pieces[-1].reason, usage(pieces).completion) == ("length", 5)


def test_a_gigantic_max_tokens_ends_at_the_context(engine: LlamaEngine) -> None:
    tokens = engine.prepare(words(950))
    pieces = one(engine, tokens, Sampling(max_tokens=10**9, ignore_eos=True))["one", 0]
    assert pieces[-1].reason == "length"
    assert usage(pieces).prompt + usage(pieces).completion == engine.card.context


def test_a_stop_string_ends_the_text_before_it(steady: LlamaEngine) -> None:
    tokens = chat(steady, "Count from 1 to 9.")
    whole = text(one(steady, tokens, Sampling(temperature=0, max_tokens=40))["one", 0])
    stop = whole[10:14]
    pieces = one(steady, tokens, Sampling(temperature=0, max_tokens=40, stop=(stop,)))["one", 0]
    assert text(pieces) == whole[: whole.index(stop)]
    assert pieces[-1].reason == "stop"


def test_the_same_seed_gives_the_same_text_and_another_seed_another(steady: LlamaEngine) -> None:
    tokens = chat(steady, "Tell me a story about the sea.")
    plans = [Sampling(temperature=1.0, max_tokens=24, seed=seed) for seed in (5, 5, 6)]
    first, again, other = (text(one(steady, tokens, plan)["one", 0]) for plan in plans)
    assert first == again != other


def test_a_seed_does_not_depend_on_who_else_is_in_the_batch(steady: LlamaEngine) -> None:
    job = Job("mine", chat(steady, "Tell me about rivers."), 1, Sampling(seed=11, max_tokens=16))
    alone = text(run(steady, job)["mine", 0])
    crowd = [Job(f"c{i}", chat(steady, words(9, i)), 1, Sampling(seed=i, max_tokens=30)) for i in range(5)]
    assert text(run(steady, job, *crowd)["mine", 0]) == alone


def test_candidates_differ_and_the_first_has_the_seed_of_the_request(steady: LlamaEngine) -> None:
    tokens = chat(steady, "Tell me a story about a hill.")
    sampling = Sampling(temperature=1.0, max_tokens=24, seed=3)
    alone = text(one(steady, tokens, sampling)["one", 0])
    several = one(steady, tokens, sampling, candidates=4)
    texts = [text(several["one", i]) for i in range(4)]
    assert texts[0] == alone
    assert len(set(texts)) == 4


def test_more_candidates_than_seats_are_answered_in_turns(engine: LlamaEngine) -> None:
    result = one(engine, chat(engine, "Say hello."), Sampling(max_tokens=8), candidates=19)
    assert len(result) == 19
    assert all(pieces[-1].reason for pieces in result.values())


def test_logprobs_are_of_the_models_own_distribution(engine: LlamaEngine) -> None:
    tokens = chat(engine, "What is the capital of France?")
    pieces = one(engine, tokens, Sampling(temperature=0, max_tokens=8, logprobs=5))["one", 0]
    entries = [entry for piece in pieces for entry in piece.logprobs]
    for entry in entries:
        chances = [one.logprob for one in entry.top]
        assert chances == sorted(chances, reverse=True)
        assert entry.logprob == pytest.approx(chances[0])
        assert entry.top[0].bytes == entry.bytes
        assert len(entry.top) == 5 and chances[0] <= 0
    assert b"".join(entry.bytes for entry in entries).decode() == text(pieces)


def test_logit_bias_forbids_and_forces_tokens(engine: LlamaEngine) -> None:
    tokens = chat(engine, "What is the capital of France?")
    forced = engine.prepare("Rome")[-1]
    sampling = Sampling(temperature=0, max_tokens=3, logit_bias=((forced, 100.0),))
    assert text(one(engine, tokens, sampling)["one", 0]) == engine._model.piece(forced).decode() * 3


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


def test_cancelling_frees_the_cells_at_once(engine: LlamaEngine) -> None:
    engine.submit(Job("gone", chat(engine, "Tell a long story."), 3, Sampling(ignore_eos=True)))
    for _ in range(5):
        engine.step()
    assert engine.load().running == 3
    engine.cancel("gone")
    assert (engine.load().running, engine.load().waiting, engine.load().cells_used, engine.busy) == (0, 0, 0, False)


def test_a_prompt_that_does_not_fit_is_refused_with_both_numbers(engine: LlamaEngine) -> None:
    with pytest.raises(ContextOverflow) as refused:
        engine.prepare(words(1500))
    assert refused.value.context == 1024
    assert refused.value.prompt_tokens > 1400
    assert "maximum context length is 1024 tokens" in refused.value.message


def test_a_gigantic_prompt_is_refused_without_reading_it_all(engine: LlamaEngine) -> None:
    with pytest.raises(ContextOverflow, match="at least"):
        engine.prepare("x" * 10_000_000)


def test_a_full_queue_says_come_back_later(smollm2: Path) -> None:
    engine = LlamaEngine(EngineOptions(smollm2, context=256, seats=1, pool=256), lambda _: None)
    try:
        for i in range(64):
            engine.submit(Job(f"{i}", (1, 2, 3), 1, GREEDY))
        with pytest.raises(Overloaded) as refused:
            engine.submit(Job("more", (1, 2, 3), 1, GREEDY))
        assert refused.value.retry_after > 0
        for i in range(64):
            engine.cancel(f"{i}")
    finally:
        engine.close()


def test_when_the_memory_runs_out_the_youngest_gives_way_and_nothing_is_lost(tiny: Callable[[str], Path]) -> None:
    """Six answers of 120 tokens in a pool of 512: they do not fit together, and each comes out whole."""
    engine = LlamaEngine(EngineOptions(tiny("llama"), context=512, seats=6, pool=512, step_tokens=48), lambda _: None)
    sampling = Sampling(temperature=0, max_tokens=120, ignore_eos=True)
    try:
        jobs = [Job(f"j{i}", engine.prepare(words(12, i)), 1, sampling) for i in range(6)]
        alone = {job.id: text(run(engine, job)[job.id, 0]) for job in jobs}
        together = run(engine, *jobs)
        assert [usage(together[job.id, 0]).completion for job in jobs] == [120] * 6
        # The order of cells changes the order of sums: now and then that turns the choice between two equal tokens.
        assert sum(text(together[job.id, 0]) == alone[job.id] for job in jobs) >= 4
    finally:
        engine.close()


def test_a_context_beyond_the_trained_one_is_refused(smollm2: Path) -> None:
    with pytest.raises(ModelUnusable, match="trained for"):
        LlamaEngine(EngineOptions(smollm2, context=10**6), lambda _: None)


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
