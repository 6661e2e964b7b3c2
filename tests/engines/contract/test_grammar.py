"""Answers that have to follow a grammar."""

import json
from dataclasses import replace

import pytest
from localswarm.chat import Sampling
from localswarm.engines.base import Engine, Job
from localswarm.errors import BadRequest

from .running import GREEDY as SHORT
from .running import entries, run, text, usage, words

# llguidance still calls it.
pytestmark = pytest.mark.filterwarnings("ignore:llama_token_get_attr is deprecated")

OBJECT = """start: %json {"x-guidance": {"whitespace_flexible": false}, "type": "object", "additionalProperties": false,
 "required": ["city", "days"],
 "properties": {"city": {"enum": ["Rome", "Paris"]}, "days": {"type": "integer", "minimum": 1, "maximum": 30}}}"""
GREEDY = replace(SHORT, max_tokens=300, ignore_eos=False)
LONG = 'start: /[ab]/ "' + "the quick brown fox jumps over the lazy dog; " * 9 + '" /[cd]/'


def constrained(engine: Engine, grammar: str, plan: Sampling = GREEDY, candidates: int = 1) -> list[str]:
    job = Job("one", engine.prepare(words(12)), candidates, plan, constraint=engine.compile(grammar))
    result = run(engine, job)
    return [text(result["one", candidate]) for candidate in range(candidates)]


@pytest.mark.parametrize("plan", [Sampling(temperature=1.0, seed=4), Sampling(temperature=0)])
def test_what_is_written_follows_the_grammar(engine: Engine, plan: Sampling) -> None:
    for answer in constrained(engine, OBJECT, plan, candidates=3):
        assert set(json.loads(answer)) == {"city", "days"}


def test_forced_tokens_come_without_being_asked_for(engine: Engine) -> None:
    before = engine.load().steps
    answer = constrained(engine, LONG)[0]
    assert answer[1:-1] in LONG and answer[0] in "ab" and answer[-1] in "cd"
    tokens = len(engine.tokenize(answer, False))
    assert engine.load().steps - before < tokens / 2


def test_they_are_the_same_with_logprobs_which_are_asked_for_one_by_one(engine: Engine) -> None:
    told = Job("told", engine.prepare(words(12)), 1, replace(GREEDY, logprobs=0, max_tokens=200))
    plain = Job("plain", told.tokens, 1, replace(GREEDY, max_tokens=200))
    result = run(engine, *(replace(job, constraint=engine.compile(LONG)) for job in (told, plain)))
    assert text(result["told", 0]) == text(result["plain", 0])
    assert len(entries(result["told", 0])) == usage(result["told", 0]).completion


def test_others_beside_it_write_what_they_would_alone(fresh: Engine) -> None:
    free = Job("free", fresh.prepare(words(20, 3)), 1, GREEDY)
    alone = text(run(fresh, free)["free", 0])
    bound = Job("bound", fresh.prepare(words(12)), 2, Sampling(seed=1), constraint=fresh.compile(LONG))
    assert text(run(fresh, bound, free)["free", 0]) == alone


def test_a_limit_holds_also_among_forced_tokens(engine: Engine) -> None:
    job = Job("one", engine.prepare("x"), 1, replace(GREEDY, max_tokens=5), constraint=engine.compile(LONG))
    pieces = run(engine, job)["one", 0]
    assert (pieces[-1].reason, usage(pieces).completion) == ("length", 5)


def test_what_is_no_grammar_is_refused(engine: Engine) -> None:
    with pytest.raises(BadRequest, match="cannot be enforced"):
        engine.compile("start: (")
