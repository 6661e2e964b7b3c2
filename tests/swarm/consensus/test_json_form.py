"""Answers in JSON in their canonical form."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from localswarm.chat import ResponseFormat
from localswarm.swarm.consensus.json_form import said

PERSON = {
    "type": "object",
    "properties": {
        "reasoning": {"type": "string"},
        "name": {"type": "string"},
        "age": {"type": "integer"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "home": {"$ref": "#/$defs/place"},
    },
    "required": ["reasoning", "age"],
    "$defs": {"place": {"type": "object", "properties": {"zip": {"type": "integer", "default": 0}}}},
}
ANNE = {"reasoning": "She says so.", "name": "Anne", "age": 17, "tags": ["a", "b"], "home": {"zip": 0}}

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def key(value: Any, schema: dict[str, Any] = PERSON) -> str:
    found = said(json.dumps(value), ResponseFormat(schema))
    assert not found.why
    return found.key


@pytest.mark.parametrize(
    "change", [{"age": "17"}, {"age": 17.0}, {"reasoning": "As she told us."}, {"home": {}}, {"home": {"zip": "0"}}]
)
def test_the_same_field_by_field(change: dict[str, Any]) -> None:
    assert key(ANNE | change) == key(ANNE)


@pytest.mark.parametrize("change", [{"age": 19}, {"name": "Ann"}, {"tags": ["b", "a"]}, {"home": {"zip": 1}}])
def test_another_field_is_another_answer(change: dict[str, Any]) -> None:
    assert key(ANNE | change) != key(ANNE)


@pytest.mark.parametrize(
    "text",
    ["", "{", '{"age": 17}', '{"reasoning": "x", "age": "many"}', "[]", '{"reasoning": "", "age": NaN}', "```{}```"],
)
def test_what_does_not_fit_has_no_vote(text: str) -> None:
    assert said(text, ResponseFormat(PERSON)).why


@given(st.dictionaries(st.text(max_size=8), values, max_size=5))
def test_the_canonical_form_is_its_own(value: dict[str, Any]) -> None:
    once = said(json.dumps(value), ResponseFormat({}))
    assert said(once.key, ResponseFormat({})).key == once.key


@given(st.dictionaries(st.text(max_size=8), values, max_size=5), st.randoms())
def test_the_order_of_keys_does_not_count(value: dict[str, Any], chance: Any) -> None:
    names = list(value)
    chance.shuffle(names)
    assert key({name: value[name] for name in names}, {}) == key(value, {})


def test_a_very_deep_value_is_no_harm() -> None:
    assert said("[" * 5000 + "]" * 5000, ResponseFormat({})).why
    assert said('{"a":' * 500 + "1" + "}" * 500, ResponseFormat({})).why
    assert said('{"a":' * 60 + "1" + "}" * 60, ResponseFormat({})).why == ""


def test_a_number_beyond_all_measure_is_no_harm() -> None:
    digits = "9" * 400
    assert said(f'{{"a":{digits}}}', ResponseFormat({})).key == f'{{"a":{digits}}}'
    assert said(f'{{"a":{digits}8}}', ResponseFormat({})).key != said(f'{{"a":{digits}7}}', ResponseFormat({})).key


def test_a_schema_of_many_choices_in_each_other_is_no_harm() -> None:
    either = {name: {"type": "object", "properties": {name: {"$ref": "#/$defs/tree"}}} for name in ("and", "or")}
    tree = {"anyOf": [{"type": "integer"}, *either.values()]}
    schema = {"type": "object", "properties": {"of": {"$ref": "#/$defs/tree"}}, "$defs": {"tree": tree}}
    deep = '{"and":' * 40 + '"no number"' + "}" * 40
    assert said(f'{{"of":{deep}}}', ResponseFormat(schema)).why
    assert said('{"of":{"or":{"and":"17"}}}', ResponseFormat(schema)).key == '{"of":{"or":{"and":17}}}'
