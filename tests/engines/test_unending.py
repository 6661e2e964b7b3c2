"""Values that repeat themselves come to an end, in every dialect, and whatever ends by itself stays as it is."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from localswarm.chat import ToolChoice, ToolSpec
from localswarm.dialects.families import FAMILIES, GENERIC
from localswarm.dialects.family import Argued, CallPart, Ended, Family
from localswarm.dialects.grammar.compose import compose
from localswarm.engines.grammar import Constraint, Grammars

from ..dialects.grammar.vocabulary import Vocabulary

ALL: list[Any] = [pytest.param(family, id=family.name) for family in dict.fromkeys((*FAMILIES, GENERIC))]


@pytest.fixture(scope="module")
def vocabulary(smollm2: Path) -> Iterator[Vocabulary]:
    loaded = Vocabulary(smollm2)
    yield loaded
    loaded.close()


def constraint(vocabulary: Vocabulary, family: Family, tool: ToolSpec, limit: int) -> Constraint:
    grammar = compose(
        family.call_rules([tool]), ToolChoice("required", parallel=False), None, False, None, None, family.triggers
    )
    assert grammar
    return Grammars(lambda: vocabulary.tokenizer).compile(grammar).fork(limit)


def stubborn(
    vocabulary: Vocabulary, held: Constraint, favourites: Sequence[str], limit: int, one_by_one: bool = False
) -> str:
    """What a model writes that takes the first of its favourites wherever it may.

    `one_by_one`: what is forced is not asked for, as where log-probabilities are wanted.
    """
    tokenizer = vocabulary.tokenizer
    wanted = [tokenizer.tokenize_str(text)[0] for text in favourites]
    tokens: list[int] = []
    while len(tokens) < limit and not held.finished:
        allowed = np.unpackbits(held.allowed(), bitorder="little")
        token = next((one for one in wanted if allowed[one]), int(np.flatnonzero(allowed)[0]))
        if token == tokenizer.eos_token:
            break
        held.accept(token)
        tokens += [token, *([] if one_by_one else held.forced())]
    return tokenizer.decode_str(tokens[:limit])


def arguments(family: Family, tool: ToolSpec, text: str) -> Any:
    reader = family.reader(frozenset({tool.name}), [tool])
    parts: list[CallPart] = [*reader.feed(text), *reader.finish()]
    assert Ended() in parts, text[-200:]
    return json.loads("".join(part.text for part in parts if isinstance(part, Argued)))


def tool(**values: dict[str, Any]) -> ToolSpec:
    return ToolSpec(
        "paint", "", {"type": "object", "properties": values, "required": list(values), "additionalProperties": False}
    )


RED = {"enum": ["red"]}
SIZE = {"enum": [1, 2]}
PAIR = {"type": "object", "properties": {"c": RED, "n": SIZE}, "required": ["c", "n"], "additionalProperties": False}
LISTS = {
    "texts": {"type": "array", "items": RED},
    "objects": {"type": "array", "items": PAIR},
    "lists": {"type": "array", "items": {"type": "array", "items": RED, "minItems": 1}},
}


@pytest.mark.parametrize("limit", [300, 4000])
@pytest.mark.parametrize("family", ALL)
@pytest.mark.parametrize("kind", LISTS)
def test_a_list_ends(vocabulary: Vocabulary, family: Family, kind: str, limit: int) -> None:
    spec = tool(aa=LISTS[kind], size=SIZE)
    held = constraint(vocabulary, family, spec, limit)
    given = arguments(family, spec, stubborn(vocabulary, held, [",", ",red", "red", "{", "[", '"'], limit))
    assert given["size"] == 1
    assert len(str(given["aa"])) > 100
    assert held.shortened
    assert held.cut == (limit == 300)


@pytest.mark.parametrize("limit", [300, 4000])
@pytest.mark.parametrize("family", ALL)
def test_a_text_ends(vocabulary: Vocabulary, family: Family, limit: int) -> None:
    spec = tool(aa={"type": "string"}, size=SIZE)
    held = constraint(vocabulary, family, spec, limit)
    given = arguments(family, spec, stubborn(vocabulary, held, ["ab"], limit))
    assert given["size"] == 1
    assert len(given["aa"]) >= 2 * (96 if limit == 300 else 1024)
    assert held.cut == (limit == 300)


@pytest.mark.parametrize("family", ALL)
def test_a_number_ends(vocabulary: Vocabulary, family: Family) -> None:
    spec = tool(aa={"type": "number"}, size=SIZE)
    held = constraint(vocabulary, family, spec, 4000)
    given = arguments(family, spec, stubborn(vocabulary, held, [".", "3"], 4000))
    assert given["size"] == 1
    assert given["aa"] == pytest.approx(3.3333333)


def test_a_list_that_counts_ends_at_the_limit(vocabulary: Vocabulary) -> None:
    spec = tool(aa={"type": "array", "items": {"type": "integer"}}, size=SIZE)
    held = constraint(vocabulary, GENERIC, spec, 300)
    numbers = ", ".join(str(number) for number in range(100, 200))
    text = written(vocabulary, held, f'TOOL: paint\nARGUMENTS: {{"aa": [{numbers}', 300)
    assert held.cut
    assert 30 < len(arguments(GENERIC, spec, text + stubborn(vocabulary, held, [], 60))["aa"]) < 100


def written(vocabulary: Vocabulary, held: Constraint, text: str, limit: int) -> str:
    """As much of this text as is written before anything else has to be."""
    tokens: list[int] = []
    for token in vocabulary.tokenizer.tokenize_str(text)[:limit]:
        bits = held.allowed()
        assert bits[token >> 3] >> (token & 7) & 1, vocabulary.tokenizer.decode_str(tokens)
        held.accept(token)
        tokens.append(token)
        if held.shortened:
            tokens += held.forced()
        if held.shortened or held.cut:
            break
    return vocabulary.tokenizer.decode_str(tokens)


def test_log_probabilities_change_nothing(vocabulary: Vocabulary) -> None:
    spec = tool(aa=LISTS["objects"], size=SIZE)
    held = constraint(vocabulary, GENERIC, spec, 300)
    text = stubborn(vocabulary, held, [",", "red", "{", '"'], 300, one_by_one=True)
    assert arguments(GENERIC, spec, text)["size"] == 1


@pytest.mark.parametrize("family", ALL)
def test_at_the_limit_nothing_optional_is_begun(vocabulary: Vocabulary, family: Family) -> None:
    """Objects that take any other property could go on for ever."""
    spec = ToolSpec("paint", "", {"type": "object", "properties": {"aa": LISTS["texts"]}, "required": ["aa"]})
    held = constraint(vocabulary, family, spec, 300)
    assert "aa" in arguments(family, spec, stubborn(vocabulary, held, [",", ",red", "red", "[", '"'], 300))


def test_an_answer_in_json_ends(vocabulary: Vocabulary) -> None:
    schema = {"type": "object", "properties": {"aa": LISTS["objects"]}, "required": ["aa"]}
    grammar = compose(None, ToolChoice("none"), None, False, None, schema, ())
    assert grammar
    held = Grammars(lambda: vocabulary.tokenizer).compile(grammar).fork(300)
    assert json.loads(stubborn(vocabulary, held, [",", "red", "{", '"'], 300))["aa"]


def test_at_the_limit_no_other_call_is_begun(vocabulary: Vocabulary) -> None:
    spec = tool(aa=LISTS["texts"], size=SIZE)
    grammar = compose(GENERIC.call_rules([spec]), ToolChoice("required"), None, False, None, None, GENERIC.triggers)
    assert grammar
    held = Grammars(lambda: vocabulary.tokenizer).compile(grammar).fork(300)
    text = stubborn(vocabulary, held, [",", "red", "[", '"', "\n"], 300)
    assert held.finished
    assert text.count("TOOL") == 1


def test_at_the_limit_every_value_that_is_needed_comes(vocabulary: Vocabulary) -> None:
    spec = tool(**dict.fromkeys(("aa", "bb", "cc", "dd"), LISTS["texts"]))
    held = constraint(vocabulary, GENERIC, spec, 300)
    text = stubborn(vocabulary, held, [",", '",', "red", "[", '"'], 300)
    assert [len(value) > 1 for value in arguments(GENERIC, spec, text).values()] == [True, False, False, False]


def test_objects_within_objects_end(vocabulary: Vocabulary) -> None:
    held = constraint(vocabulary, GENERIC, tool(aa={"type": "object"}, size=SIZE), 300)
    text = written(vocabulary, held, 'TOOL: paint\nARGUMENTS: {"aa": {' + '"a": {' * 90, 300)
    text += stubborn(vocabulary, held, [",", '"'], 300)
    assert arguments(GENERIC, tool(aa={}, size=SIZE), text)["size"] == 1


CALL = 'TOOL: paint\nARGUMENTS: {"aa": "%s", "size": 1}'


@pytest.mark.parametrize(
    "value",
    [
        "0, " * 300,  # a table of zeros
        "=" * 4000,
        "\\n".join(f"{number}. item" for number in range(200)),
        "".join(f"line {number}: {number * 7919 % 1000}\\n" for number in range(150)),
    ],
)
def test_what_ends_by_itself_stays(vocabulary: Vocabulary, value: str) -> None:
    held = constraint(vocabulary, GENERIC, tool(aa={"type": "string"}, size=SIZE), 8000)
    assert written(vocabulary, held, CALL % value, 8000) == CALL % value
    assert not held.shortened


def test_a_text_of_few_letters_is_a_text(vocabulary: Vocabulary) -> None:
    spec = tool(aa={"type": "string", "pattern": "^[A-Za-z0-9+/]*$"}, size=SIZE)
    held = constraint(vocabulary, GENERIC, spec, 8000)
    zeros = CALL % ("A" * 1500)
    assert written(vocabulary, held, zeros, 8000) == zeros
    assert not held.shortened


def test_talk_and_whole_calls_are_left_alone(vocabulary: Vocabulary) -> None:
    spec = tool(aa={"type": "string"}, size=SIZE)
    rules = GENERIC.call_rules([spec])
    grammar = compose(rules, ToolChoice("auto"), None, False, None, None, GENERIC.triggers)
    assert grammar
    free = Grammars(lambda: vocabulary.tokenizer).compile(grammar)
    for text in ("So it goes. " * 700, "\n".join([CALL % "x"] * 31)):
        held = free.fork(4000)
        assert written(vocabulary, held, text, 4000) == text
        assert not held.shortened


def test_a_call_that_would_be_cut_off_is_not_begun(vocabulary: Vocabulary) -> None:
    spec = tool(aa={"type": "string"}, size=SIZE)
    grammar = compose(GENERIC.call_rules([spec]), ToolChoice("auto"), None, False, None, None, GENERIC.triggers)
    assert grammar
    held = Grammars(lambda: vocabulary.tokenizer).compile(grammar).fork(200)
    calls = [CALL % word for word in ("north", "east", "south", "west", "up", "down", "left", "right", "here", "there")]
    text = written(vocabulary, held, "\n".join(calls), 200)
    assert held.finished and held.cut and not held.shortened
    assert 2 < text.count("TOOL") < len(calls) and text == "\n".join(calls[: text.count("TOOL")])


ZEROS = {"type": "array", "items": {"type": "integer"}}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ZEROS, [0] * 300),
        ({"type": "array", "items": ZEROS}, [[0] * 12] * 12),
        ({"type": "array", "items": PAIR}, [{"c": "red", "n": 1}] * 16),
    ],
)
def test_a_long_list_of_equal_items_may_be_wanted(vocabulary: Vocabulary, kind: dict[str, Any], value: Any) -> None:
    text = f'TOOL: paint\nARGUMENTS: {{"aa": {json.dumps(value)}, "size": 1}}'
    held = constraint(vocabulary, GENERIC, tool(aa=kind, size=SIZE), 8000)
    assert written(vocabulary, held, text, 8000) == text and not held.shortened


@pytest.mark.parametrize(
    ("kind", "size", "favourites"),
    [
        ({"type": "array", "items": RED, "maxItems": 60}, 60, [",", ",red", "red", "[", '"']),
        ({"type": "string", "pattern": "^a{150}$"}, 150, ["a"]),
    ],
)
def test_what_can_go_no_further_was_not_ended(
    vocabulary: Vocabulary, kind: dict[str, Any], size: int, favourites: list[str]
) -> None:
    """The schema let it repeat itself so often and no more, wherever the limit comes near."""
    spec = tool(aa=kind, size=SIZE)
    for limit in range(328, 340):
        held = constraint(vocabulary, GENERIC, spec, limit)
        given = arguments(GENERIC, spec, stubborn(vocabulary, held, favourites, limit, one_by_one=True))
        assert held.shortened == (len(given["aa"]) < size), limit
