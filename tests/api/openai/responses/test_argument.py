"""The text of a custom tool comes out of its JSON in any pieces."""

import json

import hypothesis.strategies as st
import pytest
from hypothesis import given
from localswarm.api.openai.responses.argument import TextArgument, text_of


@given(st.text(), st.booleans(), st.lists(st.integers(1, 9), max_size=40))
def test_any_text_in_any_pieces(text: str, ascii_only: bool, sizes: list[int]) -> None:
    wire = json.dumps({"input": text}, ensure_ascii=ascii_only)
    reader, read = TextArgument(), ""
    for size in sizes:
        read += reader.feed(wire[:size])
        wire = wire[size:]
    assert read + reader.feed(wire) == text


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ('{ "input" : "a\\tb" }', "a\tb"),
        ('{"input": "cut', "cut"),
        ('{"input": "cut\\', "cut"),
        ('{"input": "cut\\ud83d', "cut"),
        ('{"input": "x"} {"input": "y"}', "x"),
        ('{"inp', ""),
        ("", ""),
    ],
)
def test_as_far_as_it_goes(arguments: str, text: str) -> None:
    assert text_of(arguments) == text
