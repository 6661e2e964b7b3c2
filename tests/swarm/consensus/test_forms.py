"""What kind of answer a candidate is, and whether it may vote."""

from typing import Any

import pytest
from localswarm.chat import Candidate, ChatRequest, Kind, Message, Thinking, ToolChoice, Usage
from localswarm.swarm.consensus.forms import form

from .answers import BASH, WEATHER, WRITE, asks, says

PROSE = "The sky is blue because air scatters the short waves of light far more than it scatters the long ones."
CODE = "```python\ndef add(a, b):\n    return a + b\n```"
OBJECT = {"type": "object"}


@pytest.mark.parametrize(
    ("candidate", "request_", "kind", "acts"),
    [
        (says("", ("bash", {"command": "ls"})), asks(BASH), "tool_call", True),
        (says("I look.", ("bash", {"command": "ls"})), asks(BASH), "tool_call", True),
        (says("Paris"), asks(BASH), "short", False),
        (says(PROSE), asks(BASH), "prose", False),
        (says('{"a": 1}'), asks(schema=OBJECT), "json", False),
        (says('{"a": 1}'), asks(BASH, schema=OBJECT), "json", False),
        (says(CODE), asks(), "code", False),
        (says(f"{CODE}\nIt adds."), asks(), "code", False),
        (says(f"{CODE}\n#### 42"), asks(), "short", False),
        (says(f"{PROSE}\n\nThe answer is 42."), asks(), "short", False),
        (says(f"{PROSE}\n{CODE}\n{PROSE}"), asks(), "prose", False),
    ],
)
def test_kinds(candidate: Candidate, request_: ChatRequest, kind: Kind, acts: bool) -> None:
    found = form(candidate, request_)
    assert (found.kind, found.act, found.valid, found.why) == (kind, acts, True, "")
    assert bool(found.key) == (kind != "prose")


def test_prose_has_no_key_and_keeps_its_text() -> None:
    assert form(says(PROSE), asks()).soft == PROSE


ONCE = ToolChoice("auto", (), False)


@pytest.mark.parametrize(
    ("candidate", "request_", "why"),
    [
        (says("Par", reason="length"), asks(), "It was cut off."),
        (says("", ("bash", '{"comm'), reason="length"), asks(BASH), "It was cut off."),
        (says(""), asks(), "It says nothing."),
        (says(" \n"), asks(), "It says nothing."),
        (says("the end of the end of " * 60), asks(), "It repeats itself without end."),
        (says("", *[("bash", {"command": "ls"})] * 5), asks(BASH), "It repeats itself without end."),
        (says("", ("write_file", {"filePath": "a", "content": "no " * 900})), asks(WRITE),
         "It repeats itself without end."),
        (says("no"), asks(schema=OBJECT), "It is no JSON."),
        (says("[]"), asks(schema=OBJECT), "It does not fit its schema: [] is not of type 'object'."),
        (says("", ("rm", {})), asks(BASH), "It calls the tool 'rm', which was not offered."),
        (says("", ("bash", {"command": "ls"})), asks(), "It calls the tool 'bash', which was not offered."),
        (says("", ("bash", '{"command": ')), asks(BASH), "The arguments of bash are no JSON."),
        (says("", ("bash", "[]")), asks(BASH), "The arguments of bash are no object."),
        (says("", ("bash", {})), asks(BASH), "The arguments of bash do not fit: 'command' is a required property."),
        (says("", ("bash", {"command": None})), asks(BASH), "The arguments of bash do not fit: "
         "command: None is not of type 'string'."),
        (says("", ("get_weather", {"city": "Rome", "unit": "kelvin"})), asks(WEATHER),
         "The arguments of get_weather do not fit: unit: 'kelvin' is not one of ['celsius', 'fahrenheit']."),
        (says("Rome"), asks(BASH, choice=ToolChoice("required")), "It calls no tool, and one was required."),
        (says("", ("bash", {"command": "ls"})), asks(BASH, choice=ToolChoice("none")),
         "It calls a tool, and none was to be called."),
        (says("", ("bash", {"command": "ls"})), asks(BASH, WEATHER, choice=ToolChoice("required", ("get_weather",))),
         "It calls the tool 'bash', which was not offered."),
        (says("", *[("bash", {"command": "ls"})] * 2), asks(BASH, choice=ONCE),
         "It makes several calls, and one at a time was wanted."),
    ],
)  # fmt: skip
def test_what_has_no_vote(candidate: Candidate, request_: ChatRequest, why: str) -> None:
    found = form(candidate, request_)
    assert (found.valid, found.why, found.key) == (False, why, "")


def test_thinking_alone_says_nothing() -> None:
    thought = Candidate("member", Message("assistant", (Thinking("Hm."),)), "stop", Usage(1, 1))
    assert form(thought, asks()).why == "It says nothing."


@pytest.mark.parametrize(
    "schema",
    [{"type": "string"}, {"type": "object", "properties": {"a": False}, "required": ["a"]}, {"$ref": "#/gone"}],
)
def test_a_schema_that_makes_no_sense_is_no_harm(schema: dict[str, Any]) -> None:
    assert form(says("{}"), asks(schema=schema)).kind == "json"


def test_a_table_of_zeros_is_no_loop() -> None:
    rows = "\n".join("0 0 0 0 0 0 0 0" for _ in range(8))
    assert form(says(f"```text\n{rows}\n```"), asks()).valid
