"""Whatever a body holds, it is a JSON object or a clear error."""

import hypothesis.strategies as st
import pytest
from hypothesis import given
from localswarm.api.body import parse_json
from localswarm.errors import BadRequest


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b"  ", "empty"),
        (b"{", "not valid JSON"),
        (b"[1]", "an array"),
        (b'"text"', "a string"),
        (b"null", "null"),
        (b'{"temperature": NaN}', "NaN"),
        (b'{"temperature": -Infinity}', "Infinity"),
        (b'{"a": "\\ud800"}', "half of a character"),
        (b'{"\\udc00": 1}', "half of a character"),
        (b"\xff\xfe", "not valid JSON"),
        (b'{"n": ' + b"9" * 5000 + b"}", "not valid JSON"),
        (b'{"a":' * 100_000, "nested too deeply"),
    ],
)
def test_rubbish_is_named(body: bytes, words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        parse_json(body)


def test_whole_characters_in_two_halves_are_fine() -> None:
    assert parse_json(b'{"a": "\\ud83d\\ude42"}') == {"a": "\U0001f642"}


@given(st.binary())
def test_any_bytes_are_an_object_or_a_bad_request(body: bytes) -> None:
    try:
        assert isinstance(parse_json(body), dict)
    except BadRequest:
        pass
