"""What models write instead of the arguments that are wanted."""

import json
import time
from typing import Any

import pytest
from localswarm.tools.arguments import arguments
from localswarm.tools.tool import Tool, ToolFailed

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "path": {"type": "string", "maxLength": 20},
        "offset": {"type": "integer", "minimum": 1, "maximum": 10**12},
        "all": {"type": "boolean"},
    },
    "required": ["path"],
    "additionalProperties": False,
}
TOOL = Tool("read", "", SCHEMA, None)


def test_good_ones() -> None:
    assert arguments(TOOL, '{"path": "a", "offset": 3, "all": true}') == {"path": "a", "offset": 3, "all": True}
    assert arguments(TOOL, '{"path": "\\ud83d\\ude00"}') == {"path": "😀"}


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", '"path"', "3", "{", "{'path': 1}", '{"path": NaN}', '{"path": "a", "offset": 1e999}',
     '{"path": "\\ud800"}', '{"path": "a", "\\ud800": 1}', "[" * 100_000, '{"path":' * 50_000,
     '{"path": "a", "offset": ' + "9" * 5000 + "}", '{"path": "a", "other": 1}'],
)  # fmt: skip
def test_what_is_no_json_or_no_object(text: str) -> None:
    with pytest.raises(ToolFailed, match="read") as refused:
        arguments(TOOL, text)
    assert len(refused.value.message) < 500


@pytest.mark.parametrize("name", SCHEMA["properties"])
@pytest.mark.parametrize("value", [None, 1.5, -1, [], {}, ["a"], {"a": 1}, "x" * 100, [[[[[]]]]]])
def test_wrong_types_in_every_argument(name: str, value: Any) -> None:
    with pytest.raises(ToolFailed, match="cannot be used"):
        arguments(TOOL, json.dumps({"path": "a", name: value}))


@pytest.mark.parametrize("text", ["[" + "0," * 500_000 + "0]", '[{"content": 1}' + ',{"status": 2}' * 200_000 + "]"])
def test_a_million_faults_are_not_all_looked_for(text: str) -> None:
    items = {"type": "object", "required": ["content"], "properties": {"content": {"type": "string"}}}
    steps = {"type": "object", "properties": {"steps": {"type": "array", "items": items}}}
    begun = time.monotonic()
    with pytest.raises(ToolFailed, match="cannot be used"):
        arguments(Tool("plan", "", steps, None), f'{{"steps": {text}}}')
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("checks", [True, False])
def test_nobody_has_thousands_of_them(checks: bool) -> None:
    many = json.dumps({str(number): 0 for number in range(100_000)})
    with pytest.raises(ToolFailed, match="more than 1000"):
        arguments(Tool("plan", "", {"type": "object"}, None, checks=checks), many)
