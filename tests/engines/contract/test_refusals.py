"""What an engine does not take, and how it lets go of what it took."""

import pytest
from localswarm.chat import Sampling
from localswarm.engines.base import Engine, EngineOptions, Job
from localswarm.errors import BadRequest, ContextOverflow, ModelUnusable, Overloaded

from .model import Model
from .running import GREEDY, finish, one, run, text, usage, words


def test_a_prompt_that_does_not_fit_is_refused_with_both_numbers(engine: Engine) -> None:
    with pytest.raises(ContextOverflow) as refused:
        engine.prepare(words(1500))
    assert refused.value.context == 1024
    assert refused.value.prompt_tokens > 1400
    assert "maximum context length is 1024 tokens" in refused.value.message


def test_a_gigantic_prompt_is_refused_without_reading_it_all(engine: Engine) -> None:
    with pytest.raises(ContextOverflow, match="at least"):
        engine.prepare("x" * 10_000_000)


def test_a_gigantic_max_tokens_ends_at_the_context(engine: Engine) -> None:
    tokens = engine.prepare(words(950))
    pieces = one(engine, tokens, Sampling(max_tokens=10**9, ignore_eos=True))[0]
    assert pieces[-1].reason == "length"
    assert usage(pieces).prompt + usage(pieces).completion == engine.card.context


def test_tokens_that_the_model_lacks_are_refused(engine: Engine) -> None:
    with pytest.raises(BadRequest, match="no token 49152"):
        engine.prepare([5, 49152])


def test_an_empty_prompt_has_a_token_to_write_behind(engine: Engine) -> None:
    assert len(engine.prepare("")) == 1


def test_a_full_queue_says_come_back_later(model: Model) -> None:
    engine = model.open(EngineOptions(model.path, context=256, seats=1, pool=256, threads=1))
    try:
        for i in range(64):
            engine.submit(Job(f"{i}", (1, 2, 3), 1, GREEDY))
        with pytest.raises(Overloaded) as refused:
            engine.submit(Job("more", (1, 2, 3), 1, GREEDY))
        assert refused.value.retry_after > 0
        for i in range(64):
            engine.cancel(f"{i}")
        assert not engine.busy
    finally:
        engine.close()


def test_a_context_beyond_the_trained_one_is_refused(model: Model) -> None:
    with pytest.raises(ModelUnusable, match="trained for"):
        model.open(EngineOptions(model.path, context=10**6))


def test_cancelling_frees_everything_at_once(engine: Engine) -> None:
    engine.submit(Job("gone", engine.prepare(words(20)), 3, Sampling(ignore_eos=True)))
    for _ in range(5):
        engine.step()
    assert engine.load().running == 3
    engine.cancel("gone")
    load = engine.load()
    assert (load.running, load.waiting, load.cells_used, engine.busy) == (0, 0, 0, False)


def test_cancelling_one_leaves_the_others_as_they_were(fresh: Engine) -> None:
    staying = Job("stays", fresh.prepare(words(20, 4)), 1, GREEDY)
    alone = text(run(fresh, staying)["stays", 0])
    fresh.submit(Job("leaves", fresh.prepare(words(30)), 2, Sampling(ignore_eos=True)))
    fresh.submit(staying)
    for _ in range(6):
        before = fresh.step()
    fresh.cancel("leaves")
    rest = finish(fresh)
    assert before and set(rest) == {("stays", 0)}
    assert alone.endswith(text(rest["stays", 0]))


def test_one_candidate_can_be_ended_from_above(engine: Engine) -> None:
    engine.submit(Job("two", engine.prepare(words(20)), 2, Sampling(ignore_eos=True, max_tokens=20, seed=1)))
    for _ in range(6):
        engine.step()
    (last,) = engine.finish("two", 1)
    assert last.reason == "stop" and last.usage and 0 < last.usage.completion < 20
    assert usage(finish(engine)["two", 0]).completion == 20


def test_nothing_is_lost_by_cancelling_over_and_over(engine: Engine) -> None:
    for round_ in range(12):
        engine.submit(Job(f"{round_}", engine.prepare(words(40, round_)), 2, Sampling(ignore_eos=True)))
        for _ in range(round_ % 5):
            engine.step()
        engine.cancel(f"{round_}")
    load = engine.load()
    assert (load.running, load.waiting, load.cells_used) == (0, 0, 0)
    assert load.cells_cached <= load.cells
