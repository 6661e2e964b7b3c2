"""What costs far more to read than to send is not read."""

import json
import time
import tracemalloc

import pytest
from localswarm.errors import BadRequest
from localswarm.federation.wire.json_text import MOST_VALUES, parse

SIZE = 64 * 2**20


def filled(part: bytes) -> bytes:
    return b"[" + part * (SIZE // len(part) - 1) + b"0]"


@pytest.mark.parametrize("part", [b"[],", b"{},", b"0,", b'"",', b"[[]],", b'{"a":{}},'])
def test_a_message_of_nothing_but_values_costs_little(part: bytes) -> None:
    data = filled(part)
    tracemalloc.start()
    begun = time.process_time()
    with pytest.raises(BadRequest, match="The request has more values"):
        parse(data, "The request")
    seconds, (_, most) = time.process_time() - begun, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2**20 and seconds < 1


def test_a_long_text_and_many_tokens_are_read() -> None:
    code = "def f(a, b):\n    return [a, {b: 1}]\n" * 50_000
    assert parse(json.dumps({"text": code, "picture": "A" * SIZE}).encode(), "It")["text"] == code
    tokens = list(range(MOST_VALUES - 1))
    assert parse(json.dumps(tokens).encode(), "It") == tokens
