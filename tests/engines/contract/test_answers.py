"""What is written: the same as by a plain loop, whoever else writes beside it."""

import pytest
from localswarm.chat import Sampling
from localswarm.engines.base import Engine, EngineOptions, Job
from localswarm.engines.schedule import WORTH_WAITING

from .model import Model
from .running import GREEDY, expected, finish, one, run, text, usage, words


def test_it_writes_what_a_plain_loop_writes(fresh: Engine, model: Model) -> None:
    """Alone, eight at once, three candidates of one prompt, a repeated prompt, and a second turn."""
    prompts = {f"p{i}": fresh.prepare(words(14 + 5 * i, i + 3)) for i in range(8)}
    truth = {name: expected(fresh, model, tokens) for name, tokens in prompts.items()}
    assert text(one(fresh, prompts["p3"])[0]) == truth["p3"]
    together = run(fresh, *(Job(name, tokens, 1, GREEDY) for name, tokens in prompts.items()))
    assert {name: text(together[name, 0]) for name in prompts} == truth
    assert [text(pieces) for pieces in one(fresh, prompts["p5"], candidates=3)] == [truth["p5"]] * 3
    second = (*prompts["p2"], *fresh.prepare(truth["p2"])[:20], *fresh.prepare(words(5)))
    assert text(one(fresh, second)[0]) == expected(fresh, model, second)


def test_a_repeated_prompt_is_not_read_again(fresh: Engine) -> None:
    tokens = fresh.prepare(words(60))
    first, again = one(fresh, tokens)[0], one(fresh, tokens)[0]
    assert (usage(first).cached, usage(again).cached) == (0, len(tokens) - 1)
    assert text(first) == text(again)


def test_a_second_turn_reads_only_what_is_new(fresh: Engine) -> None:
    tokens = fresh.prepare(words(60))
    written = one(fresh, tokens)[0]
    turn = (*tokens, *fresh.tokenize(text(written), False), *fresh.tokenize(words(9), False))
    assert usage(one(fresh, turn)[0]).cached >= len(tokens)


def test_who_comes_while_the_same_beginning_is_read_waits_for_it(fresh: Engine) -> None:
    shared = fresh.prepare(words(200))
    fresh.submit(Job("first", (*shared, 40), 1, GREEDY))
    fresh.step()
    result = run(fresh, Job("second", (*shared, 50), 1, GREEDY))
    assert usage(result["second", 0]).cached > len(shared) - WORTH_WAITING
    assert usage(result["first", 0]).cached == 0


def test_candidates_of_one_prompt_read_it_once(fresh: Engine) -> None:
    tokens = fresh.prepare(words(150))
    told = [usage(pieces).cached for pieces in one(fresh, tokens, candidates=4)]
    assert sorted(told) == [0, *[len(tokens) - 1] * 3]


def test_a_long_prompt_does_not_stall_who_writes(fresh: Engine) -> None:
    fresh.submit(Job("writer", fresh.prepare(words(10)), 1, Sampling(temperature=0, ignore_eos=True, max_tokens=60)))
    for _ in range(3):
        fresh.step()
    fresh.submit(Job("reader", fresh.prepare(words(400, 5)), 1, Sampling(max_tokens=1)))
    steps = [fresh.step() for _ in range(6)]
    assert all("writer" in {getattr(outcome, "job", "") for outcome in step} for step in steps)
    assert "reader" not in {getattr(outcome, "job", "") for step in steps for outcome in step}
    finish(fresh)


def test_when_the_memory_runs_out_the_youngest_gives_way_and_nothing_is_lost(model: Model) -> None:
    """Six answers of 120 tokens in a pool of 512: they do not fit together, and each comes out whole."""
    engine = model.open(EngineOptions(model.path, context=512, seats=6, pool=512, step_tokens=48, threads=1))
    sampling = Sampling(temperature=0, max_tokens=120, ignore_eos=True)
    try:
        jobs = [Job(f"j{i}", engine.prepare(words(12, i)), 1, sampling) for i in range(6)]
        alone = {job.id: text(run(engine, job)[job.id, 0]) for job in jobs}
        together = run(engine, *jobs)
        assert [usage(together[job.id, 0]).completion for job in jobs] == [120] * 6
        # The order of sums changes: now and then that turns the choice between two equal tokens.
        assert sum(text(together[job.id, 0]) == alone[job.id] for job in jobs) >= 4
    finally:
        engine.close()


def test_more_candidates_than_seats_are_answered_in_turns(engine: Engine) -> None:
    answers = one(engine, engine.prepare("Say hello."), Sampling(max_tokens=8), candidates=19)
    assert all(pieces[-1].reason for pieces in answers)


@pytest.mark.parametrize("limit", [1, 7])
def test_length_is_the_reason_at_max_tokens(engine: Engine, limit: int) -> None:
    pieces = one(engine, engine.prepare("Tell a story."), Sampling(max_tokens=limit, ignore_eos=True))[0]
    assert (pieces[-1].reason, usage(pieces).completion) == ("length", limit)
