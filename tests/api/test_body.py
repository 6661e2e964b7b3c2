"""Whatever a body holds, it is a JSON object or a clear error."""

import time

import hypothesis.strategies as st
import pytest
from hypothesis import given
from localswarm.api.body import MOST_BYTES, parse_json, read_json
from localswarm.errors import BadRequest, BodyTooLarge
from starlette.requests import Request


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
        (b"\xff\xfe", "not valid UTF-8"),
        (b'{"a": "\xed\xa0\x80"}', "not valid UTF-8"),
        ('{"a": "\\ud800"}'.encode("utf-16"), "not valid UTF-8"),
        (b'{"temperature": 1e999}', "1e999 is too large a number"),
        (b'{"a":' * 200 + b"1" + b"}" * 200, "more than 128 levels"),
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


def test_a_byte_order_mark_is_fine() -> None:
    assert parse_json(b"\xef\xbb\xbf{}") == {}


def test_a_large_body_is_read_quickly() -> None:
    body = b'{"messages": [' + b",".join([b'{"role": "user", "content": [{"text": "x"}]}'] * 50_000) + b"]}"
    began = time.process_time()
    parse_json(body)
    assert time.process_time() - began < 1


def request(content_type: str | None, body: bytes = b'{"a": 1}') -> Request:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [] if content_type is None else [(b"content-type", content_type.encode())]
    return Request({"type": "http", "headers": headers}, receive)


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "application/x-www-form-urlencoded", None])
async def test_what_clients_send_json_as_is_fine(kind: str | None) -> None:
    assert await read_json(request(kind)) == {"a": 1}


@pytest.mark.parametrize("kind", ["text/plain", "Text/Plain;charset=UTF-8", "multipart/form-data; boundary=x"])
async def test_what_a_page_can_send_anywhere_is_refused(kind: str) -> None:
    with pytest.raises(BadRequest, match="application/json"):
        await read_json(request(kind))


async def test_a_body_that_is_too_large() -> None:
    with pytest.raises(BodyTooLarge, match="32 MiB"):
        await read_json(request(None, b" " * (MOST_BYTES + 1)))
