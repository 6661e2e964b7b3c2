"""Whatever a body holds, it is a JSON object or a clear error."""

import gc
import json
import time
from collections.abc import Mapping
from functools import partial

import anyio
import hypothesis.strategies as st
import pytest
from hypothesis import given
from localswarm.api.body import MOST_BYTES, MOST_HOLDERS, MOST_VALUES, beside, parse_json, read_json
from localswarm.api.openai.chat import from_wire
from localswarm.errors import BadRequest, BodyTooLarge
from starlette.requests import Request
from starlette.types import Receive


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
    assert time.process_time() - began < 2


HOLDERS = b"[" + b",".join([b"{}"] * (MOST_HOLDERS + 1)) + b"]"
NUMBERS = b"[" + b",".join([b"1"] * (MOST_VALUES + 2)) + b"]"


@pytest.mark.parametrize("values", [HOLDERS, NUMBERS])
def test_more_values_than_can_be_made_at_once(values: bytes) -> None:
    """Nothing else is answered meanwhile, so they are counted first."""
    began = time.process_time()
    with pytest.raises(BadRequest, match="holds more than"):
        parse_json(b'{"messages": ' + values + b"}")
    assert time.process_time() - began < 3


def test_what_stands_in_a_text_is_not_counted() -> None:
    code = '{["\\",\n' * (MOST_HOLDERS // 2)
    body = json.dumps({"messages": [code] * 5}).encode()
    assert body.count(b"{") > MOST_HOLDERS and parse_json(body) == {"messages": [code] * 5}


def request(content_type: str | None, body: bytes = b'{"a": 1}', **headers: str) -> Request:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    return asks(receive, headers if content_type is None else headers | {"content-type": content_type})


def asks(receive: Receive, headers: Mapping[str, str] | None = None) -> Request:
    wire = [(name.replace("_", "-").encode(), value.encode()) for name, value in (headers or {}).items()]
    return Request({"type": "http", "headers": wire}, receive)


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


@pytest.mark.parametrize("length", [str(MOST_BYTES + 1), "9" * 5000])
async def test_a_body_that_says_that_it_is_too_large_is_not_read(length: str) -> None:
    async def receive() -> dict[str, object]:
        raise AssertionError("it was read")

    with pytest.raises(BodyTooLarge, match="32 MiB"):
        await read_json(asks(receive, {"content-length": length}))


async def test_a_client_that_leaves_while_it_sends() -> None:
    """Not a fault of ours, which would be in the log with all its lines."""
    parts: list[dict[str, object]] = [
        {"type": "http.request", "body": b'{"a"', "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> dict[str, object]:
        return parts.pop(0)

    with pytest.raises(BadRequest, match="ended in the middle"):
        await read_json(asks(receive))


async def test_others_are_served_while_a_large_body_is_read() -> None:
    body = b'{"messages": [' + b",".join([b'{"role": "user", "content": "x"}'] * 40_000) + b"]}"
    longest = 0.0

    async def serve() -> None:
        nonlocal longest
        while True:
            begun = time.monotonic()
            await anyio.sleep(0.001)
            longest = max(longest, time.monotonic() - begun)

    # What other tests left behind is not looked through for garbage meanwhile.
    gc.collect()
    gc.freeze()
    async with anyio.create_task_group() as group:
        group.start_soon(serve)
        asked = request(None, body)
        found = await read_json(asked)
        begun = time.monotonic()
        call = await beside(asked, partial(from_wire, found, "r"))
        took = time.monotonic() - begun
        group.cancel_scope.cancel()
    gc.unfreeze()
    # On the loop itself it would be all of it.
    assert len(call.request.messages) == 40_000 and longest < max(0.25, took * 0.6)
