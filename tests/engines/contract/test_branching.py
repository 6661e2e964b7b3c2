"""Where an answer nearly went on otherwise, and answers that go on there."""

from dataclasses import replace

import pytest
from localswarm.chat import Sampling
from localswarm.engines.base import Engine, Job, Piece

from .running import GREEDY, one, run, text, usage, words

pytestmark = pytest.mark.filterwarnings("ignore:llama_token_get_attr is deprecated")
CITY = 'start: "{\\"city\\": \\"" /[A-Za-z ]{1,30}/ "\\", \\"days\\": " /[0-9]{1,3}/ "}"'
MEASURED = Sampling(temperature=0, max_tokens=60, measured=True)


def answer(engine: Engine, sampling: Sampling, begun: tuple[int, ...] = (), grammar: str = CITY) -> list[Piece]:
    constraint = engine.compile(grammar) if grammar else None
    tokens = engine.prepare(words(20) + " The city and the days as JSON: ")
    return run(engine, Job("one", tokens, 1, sampling, constraint=constraint, begun=begun))["one", 0]


def test_only_what_is_measured_has_branches(engine: Engine) -> None:
    assert answer(engine, replace(MEASURED, measured=False))[-1].branches == ()
    pieces = answer(engine, MEASURED)
    assert 0 < len(pieces[-1].branches) <= 8
    assert all(not piece.branches for piece in pieces[:-1])


def test_the_nearest_comes_first_and_its_chances_lead_to_it(engine: Engine) -> None:
    last = answer(engine, MEASURED)[-1]
    gaps = [branch.chances[-1] - last.chances[len(branch.chances) - 1] for branch in last.branches]
    assert gaps == sorted(gaps, reverse=True)
    assert all(gap <= 0 for gap in gaps)
    for branch in last.branches:
        assert branch.chances[:-1] == last.chances[: len(branch.chances) - 1]


def test_a_branch_is_written_on_and_says_something_else(engine: Engine) -> None:
    first = answer(engine, MEASURED)
    for branch in first[-1].branches[:3]:
        pieces = answer(engine, MEASURED, branch.tokens)
        begun = engine.detokenize(branch.tokens)
        assert text(pieces).startswith(begun)
        assert text(pieces) != text(first)
        assert text(pieces).startswith('{"city": "') and text(pieces).endswith("}")
        assert usage(pieces).completion == sum(piece.tokens for piece in pieces) >= len(branch.tokens)
        assert usage(pieces).prompt == usage(first).prompt


def test_a_beginning_that_takes_all_its_room_is_cut_off_there(engine: Engine) -> None:
    first = answer(engine, MEASURED, grammar="")
    begun = max((branch.tokens for branch in first[-1].branches), key=len)
    pieces = answer(engine, replace(MEASURED, max_tokens=len(begun)), begun, grammar="")
    assert pieces[-1].reason == "length"
    assert text(pieces) == engine.detokenize(begun)
    assert usage(pieces).completion == sum(piece.tokens for piece in pieces) == len(begun)


def test_what_it_begins_with_is_as_if_it_had_written_it(engine: Engine) -> None:
    free = replace(GREEDY, measured=True)
    tokens = engine.prepare(words(20))
    whole = one(engine, tokens, free)[0]
    begun = tuple(engine.tokenize(text(whole)[:20], special=False))
    told = run(engine, Job("one", tokens, 1, free, begun=begun))["one", 0]
    again = run(engine, Job("one", (*tokens, *begun), 1, replace(free, max_tokens=24 - len(begun))))["one", 0]
    assert text(told) == engine.detokenize(begun) + text(again)


def test_an_end_can_be_what_nearly_came_and_something_else_instead_of_the_end(engine: Engine) -> None:
    ones = 'start: "1" (" 1")*'
    short = answer(engine, MEASURED, grammar=ones)
    assert (text(short), short[-1].reason) == ("1", "stop")
    more = short[-1].branches[0].tokens
    assert text(answer(engine, MEASURED, more, ones)) == "1 1"

    urged = replace(MEASURED, logit_bias=((more[-1], 100.0),), max_tokens=5)
    ending = [branch.tokens for branch in answer(engine, urged, grammar=ones)[-1].branches if len(branch.tokens) == 2]
    again = answer(engine, MEASURED, ending[0], ones)
    assert (text(again), again[-1].reason) == ("1", "stop")
    assert usage(again).completion == sum(piece.tokens for piece in again) == 1
