"""Calls of tools in their canonical form."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from localswarm.chat import ToolSpec
from localswarm.swarm.consensus.forms import Form, form

from .answers import BASH, WEATHER, WRITE, asks, says

PARIS = {"city": "Paris"}
TOOLS = (WEATHER, WRITE, BASH)


def read(*calls: tuple[str, Any], tools: tuple[ToolSpec, ...] = TOOLS) -> Form:
    found = form(says("", *calls), asks(*tools))
    assert found.valid, found.why
    assert found.kind == "tool_call"
    assert found.act
    return found


def taking(**properties: Any) -> ToolSpec:
    return ToolSpec("take", "", {"type": "object", "properties": properties, "required": []})


@pytest.mark.parametrize(
    "arguments",
    [
        {"city": "Paris", "days": 1},
        {"city": "Paris", "days": "1"},
        {"city": "Paris", "days": 1.0},
        {"days": 1, "city": "paris"},
        {"city": " Paris "},
        {"city": "Paris", "unit": None},
        {"city": "Paris", "days": None, "exact": None},
        '{ "city" : "Paris" }',
    ],
)
def test_the_same_call_in_other_words(arguments: Any) -> None:
    assert read(("get_weather", arguments)).key == read(("get_weather", PARIS)).key


@pytest.mark.parametrize(
    "arguments",
    [
        {"city": "Berlin"},
        {"city": "Paris", "days": 2},
        {"city": "Paris", "days": 17},
        {"city": "Paris", "days": 19},
        {"city": "Paris", "unit": "celsius"},
        {"city": "Paris", "unit": "fahrenheit"},
        {"city": "Paris", "exact": True},
        {"city": "Paris", "exact": False},
    ],
)
def test_other_calls_are_not_the_same(arguments: Any) -> None:
    others = [PARIS, {"city": "Paris", "days": 18}]
    assert read(("get_weather", arguments)).key not in {read(("get_weather", other)).key for other in others}


@pytest.mark.parametrize(
    ("schema", "one", "other"),
    [
        ({"type": "boolean"}, "True", True),
        ({"type": "number"}, "2.50", 2.5),
        ({"type": "string"}, 3, "3"),
        ({"type": "array", "items": {"type": "integer"}}, "[1, 2]", [1, 2]),
        ({"type": "array", "items": {"type": "integer"}}, ["1", 2.0], [1, 2]),
        ({"type": "object", "properties": {"a": {"type": "integer"}}}, '{"a": "1"}', {"a": 1}),
        ({"enum": ["north", "south"]}, "North", "north"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "3", 3),
        ({"type": ["integer", "string"]}, "3", "3"),
        ({"type": "string"}, "San Francisco, CA", "san francisco CA"),
    ],
)
def test_arguments_are_read_by_their_schema(schema: dict[str, Any], one: Any, other: Any) -> None:
    tools = (taking(value=schema),)
    assert read(("take", {"value": one}), tools=tools).key == read(("take", {"value": other}), tools=tools).key


@pytest.mark.parametrize(
    ("schema", "one", "other"),
    [
        ({"type": ["integer", "string"]}, "3", 3),
        ({"type": ["integer", "null"], "default": 5}, None, 5),
        ({"type": "array", "items": {"type": "integer"}}, [1, 2], [2, 1]),
        ({"type": "string"}, "getName", "getname"),
        ({"type": "string"}, "a.b", "a b"),
        ({"type": "string"}, "rm -r", "rm -R"),
        ({}, 1, True),
        ({}, 0, False),
        ({}, "1", 1),
    ],
)
def test_what_a_schema_tells_apart_stays_apart(schema: dict[str, Any], one: Any, other: Any) -> None:
    tools = (taking(value=schema),)
    assert read(("take", {"value": one}), tools=tools).key != read(("take", {"value": other}), tools=tools).key


def test_a_call_that_had_to_be_read_kindly_is_not_exact() -> None:
    assert read(("get_weather", {"city": "Paris", "days": 2})).exact
    assert not read(("get_weather", {"city": "Paris", "days": "2"})).exact


@pytest.mark.parametrize("path", ["src/a.py", "./src/a.py", "src/../src/a.py", "src//a.py", " src/a.py"])
def test_paths_are_normal(path: str) -> None:
    def writes(where: str) -> Form:
        return read(("write_file", {"filePath": where, "content": "x"}))

    assert writes(path).key == writes("src/a.py").key
    assert writes(path).key not in {writes("src/b.py").key, writes("SRC/a.py").key, writes("/src/a.py").key}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ls -la", "ls   -la ", True),
        ("ls -la", "ls -al", False),
        ("cp a b", "cp b a", False),
        ("echo 'a  b'", "echo 'a b'", False),
        ("git add A", "git add a", False),
        ("./run", "run", False),
    ],
)
def test_words_of_a_command_stay_where_they_are(one: str, other: str, same: bool) -> None:
    assert (read(("bash", {"command": one})).key == read(("bash", {"command": other})).key) is same


def test_what_only_explains_a_call_does_not_count() -> None:
    plain = read(("bash", {"command": "ls"}))
    told = read(("bash", {"command": "ls", "description": "List the files"}))
    assert plain.key == told.key
    assert plain.soft != told.soft


def test_of_a_long_text_its_numbers_count() -> None:
    def writes(content: str) -> Form:
        return read(("write_file", {"filePath": "a.txt", "content": content}))

    long = "The port that this server listens on is taken from its settings, and it is 17 by default."
    assert writes(long).key == writes(long.replace("taken", "read")).key
    assert writes(long).soft != writes(long.replace("taken", "read")).soft
    assert writes(long).key != writes(long.replace("17", "19")).key
    assert writes(long).key != writes(long.replace("is taken", "is not taken")).key
    assert writes("x = 17").key != writes("x = 19").key
    assert writes("x = a").key != writes("x = b").key


def test_the_order_of_calls_does_not_count_and_their_number_does() -> None:
    paris, berlin = ("get_weather", PARIS), ("get_weather", {"city": "Berlin"})
    assert read(paris, berlin).key == read(berlin, paris).key
    assert len({read(paris).key, read(berlin).key, read(paris, berlin).key, read(paris, paris).key}) == 4


@given(st.permutations(["city", "days", "unit", "exact"]))
def test_the_order_of_keys_does_not_count(names: list[str]) -> None:
    values = {"city": "Rome", "days": 3, "unit": "celsius", "exact": True}
    shuffled = {name: values[name] for name in names}
    assert read(("get_weather", shuffled)).key == read(("get_weather", values)).key


@given(st.integers(), st.integers())
def test_two_numbers_are_never_the_same_call(one: int, other: int) -> None:
    keys = [read(("get_weather", json.dumps({"city": "Rome", "days": days}))).key for days in (one, other)]
    assert (keys[0] == keys[1]) == (one == other)
