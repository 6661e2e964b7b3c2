"""Calls as JSON objects, in whatever way models write them."""

import pytest
from localswarm.dialects.family import Argued, Begun, CallPart, Ended, Plain
from localswarm.dialects.json_call import JsonCall
from localswarm.dialects.json_calls import JsonCalls
from localswarm.dialects.json_end import JsonEnd

NAMES = frozenset(["ls", "read"])
LS = [Begun("ls"), Argued("{}"), Ended()]


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ('{"a": 1} b', 8),
        ('{"a": {"b": []}}', 16),
        ('{"a": "}"}', 10),
        ('{"a": "\\"}"}', 12),
        ('["\\\\"]', 6),
        ('{"a": 1', -1),
        ('{"a": "', -1),
    ],
)
def test_the_end_is_found_in_any_pieces(text: str, end: int) -> None:
    assert JsonEnd().feed(text) == end
    one = JsonEnd()
    found = next((at + 1 for at, character in enumerate(text) if one.feed(character) >= 0), -1)
    assert found == end


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('{"name": "ls", "arguments": {}}', LS),
        ('\n{ "name" : "ls" , "parameters" : {} }', LS),
        ('{"arguments": {}, "name": "ls"}', LS),
        ('{"name": "ls", "id": "x", "arguments": {}}', LS),
        ('{"type": "function", "function": {"name": "ls", "arguments": "{}"}}', LS),
        ('{"name": "ls", "arguments": {}, "id": "x"}', LS),
        ('{"name": "read", "arguments": {"a": "x\ny"}}', [Begun("read"), Argued('{"a": "x\ny"}'), Ended()]),
    ],
)
def test_calls(text: str, parts: list[CallPart]) -> None:
    call = JsonCall(NAMES)
    assert call.feed(text) == parts and call.rest == ""


@pytest.mark.parametrize(
    "text",
    [
        '{"title"',
        '{"name": "rm"',
        "{1",
        "hello",
        '{"type": "object"',
        '{"name": "ls", "arguments": 1}',
        '{"name": 1}',
        "{}",
        "[[",
    ],
)
def test_no_calls_as_soon_as_it_shows(text: str) -> None:
    call = JsonCall(NAMES)
    assert call.feed(text) == [] and call.failed


def test_between_markers_in_arrays_and_behind_each_other() -> None:
    one = '{"name": "ls", "arguments": {}}'
    for text in (f"<c>{one}{one}</c>", f"<c>[{one}, {one}]</c>", f"<c>\n{one}\n{one}\n</c>", f"<c>{one};{one}</c>"):
        calls = JsonCalls(NAMES, "<c>", "</c>")
        assert calls.feed(f"{text} on") == [*LS, *LS] and calls.rest == " on"


def test_only_the_marker_is_text_at_once() -> None:
    calls = JsonCalls(NAMES, "<c>", "</c>")
    assert calls.feed('<c>{"title": 1} <c>') == [Plain("<c>")]
    assert calls.rest == '{"title": 1} <c>'


def test_what_never_became_a_call_comes_back() -> None:
    calls = JsonCalls(NAMES, "<c>", "</c>")
    assert calls.feed('<c> {"name": "l') == []
    assert calls.finish() == [Plain('<c> {"name": "l')]
