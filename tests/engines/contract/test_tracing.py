"""Tokens that are told as they are written, and answers that another engine goes on with."""

from dataclasses import replace

import pytest
from localswarm.chat import Sampling
from localswarm.engines.base import Engine, Job, Piece
from localswarm.errors import BadRequest, ContextOverflow

from .running import GREEDY, entries, one, run, text, usage, words

pytestmark = pytest.mark.filterwarnings("ignore:llama_token_get_attr is deprecated")
TRACED = replace(GREEDY, traced=True)
LIST = 'start: "[" NUMBER (", " NUMBER)* "]"\nNUMBER: /[0-9]{1,3}/'


def tokens_of(pieces: list[Piece]) -> tuple[int, ...]:
    return tuple(token for piece in pieces for token in piece.written)


def begun(engine: Engine, tokens: tuple[int, ...], sampling: Sampling, grammar: str = "") -> list[Piece]:
    constraint = engine.compile(grammar) if grammar else None
    job = Job("one", engine.prepare(words(20)), 1, sampling, constraint=constraint, begun=tokens)
    return run(engine, job)["one", 0]


def test_only_where_it_is_asked_for(engine: Engine) -> None:
    assert tokens_of(one(engine, engine.prepare(words(20)), GREEDY)[0]) == ()


@pytest.mark.parametrize("grammar", ["", LIST], ids=["free", "grammar"])
def test_it_goes_on_from_any_token_as_if_nothing_had_been(engine: Engine, grammar: str) -> None:
    whole = begun(engine, (), TRACED, grammar)
    tokens = tokens_of(whole)
    assert len(tokens) == usage(whole).completion
    assert all(len(piece.written) == piece.tokens for piece in whole)
    for count in range(1, len(tokens) + 1, 5):
        again = begun(engine, tokens[:count], TRACED, grammar)
        assert (text(again), tokens_of(again)) == (text(whole), tokens)
        assert (again[-1].reason, usage(again).completion) == (whole[-1].reason, usage(whole).completion)


def test_a_stop_string_within_what_it_begins_with_ends_it_there(engine: Engine) -> None:
    whole = begun(engine, (), TRACED)
    said = text(whole)
    stop = said[len(said) // 2 :][:4]
    stopped = begun(engine, tokens_of(whole), replace(TRACED, stop=(stop,)))
    assert (text(stopped), stopped[-1].reason, stopped[-1].stop) == (said[: said.index(stop)], "stop", stop)


def test_likelihoods_keep_their_places(engine: Engine) -> None:
    weighed = replace(TRACED, logprobs=0)
    whole = begun(engine, (), weighed)
    again = begun(engine, tokens_of(whole)[:10], weighed)
    assert [entry.bytes for entry in entries(again)] == [entry.bytes for entry in entries(whole)]
    for one_, other in zip(entries(again)[10:], entries(whole)[10:], strict=True):
        assert one_.logprob == pytest.approx(other.logprob, abs=1e-3)


def test_what_is_no_token_or_does_not_fit_is_refused(engine: Engine) -> None:
    with pytest.raises(BadRequest):
        engine.prepare((10**9,))
    prompt = engine.prepare(words(20))
    with pytest.raises(ContextOverflow):
        engine.submit(Job("long", prompt, 1, TRACED, begun=(prompt[-1],) * engine.card.context))
