"""What must not bring a node down. After each of these the next request is answered correctly."""

import json
import random
import signal
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from ..running import RunningNode, body

LONG: dict[str, Any] = {"max_tokens": 3000, "ignore_eos": True}


@pytest.fixture(autouse=True)
def still_answers(node: RunningNode) -> Iterator[None]:
    yield
    answer = node.ask("What is the capital of France?", max_tokens=8, temperature=0, n=2)
    assert answer.status_code == 200, answer.text
    assert all(choice["message"]["content"] for choice in answer.json()["choices"])
    assert node.wait_idle()["cells_used"] == 0


def leave_in_the_middle(node: RunningNode, wait: float, **more: Any) -> None:
    asked = json.dumps(body("Tell a long story. " * 30, stream=True, **(LONG | more)))
    address = urlsplit(node.base)
    with socket.create_connection((address.hostname, address.port)) as connection:
        head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(asked)}\r\n\r\n"
        connection.sendall(head.encode() + asked.encode())
        time.sleep(wait)


def error_of_broken_stream(node: RunningNode, harm: signal.Signals) -> dict[str, Any]:
    with node.http.stream("POST", "/v1/chat/completions", json=body("Tell a story", stream=True, **LONG)) as response:
        lines = response.iter_lines()
        for _ in range(6):
            next(lines)
        node.engine.send_signal(harm)
        events = [json.loads(line[6:]) for line in lines if line.startswith("data: {")]
    assert all(choice["finish_reason"] is None for event in events[:-1] for choice in event["choices"])
    error: dict[str, Any] = events[-1]["error"]
    return error


def test_the_engine_is_killed_while_it_streams(node: RunningNode) -> None:
    error = error_of_broken_stream(node, signal.SIGKILL)
    assert error["code"] == "engine_died" and "signal 9" in error["message"]
    waiting = node.ask("Hi")
    assert waiting.status_code in (200, 503)
    if waiting.status_code == 503:
        assert int(waiting.headers["retry-after"]) >= 1
    node.wait_ready()


def test_the_engine_is_frozen_past_the_watchdog(node: RunningNode) -> None:
    error = error_of_broken_stream(node, signal.SIGSTOP)
    assert error["code"] == "engine_died" and "did not answer" in error["message"]
    node.wait_ready()


def test_a_client_that_leaves_frees_its_cells_within_a_tenth_of_a_second(node: RunningNode) -> None:
    delays = []
    for wait in (0.05, 0.3, 0.6):
        leave_in_the_middle(node, wait, n=2)
        left = time.monotonic()
        node.wait_idle()
        delays.append(time.monotonic() - left)
    assert sorted(delays)[1] < 0.1, delays


def test_200_clients_at_once_that_leave_at_random_moments(node: RunningNode) -> None:
    chance = random.Random(1)
    threads = [
        threading.Thread(target=leave_in_the_middle, args=(node, chance.uniform(0, 4)), kwargs={"seed": seed})
        for seed in range(200)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert node.wait_idle()["cells_used"] == 0


def test_40_clients_at_once_are_all_answered(node: RunningNode) -> None:
    answers: list[httpx.Response] = []
    threads = [
        threading.Thread(target=lambda i=i: answers.append(node.ask(f"Say {i}", max_tokens=4))) for i in range(40)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [200] * 40


def test_a_full_queue_is_503_with_retry_after_and_never_429(node: RunningNode) -> None:
    answers = []
    first = threading.Thread(target=leave_in_the_middle, args=(node, 3.0), kwargs={"n": 128})
    others = [threading.Thread(target=leave_in_the_middle, args=(node, 3.0), kwargs={"n": 128}) for _ in range(3)]
    for thread in (first, *others):
        thread.start()
    time.sleep(1)
    answers = [node.ask("Hi", n=128) for _ in range(2)]
    for thread in (first, *others):
        thread.join()
    refused = answers[-1]
    assert refused.status_code == 503 and int(refused.headers["retry-after"]) > 0
    assert refused.json()["error"]["code"] == "overloaded"


BAD_BODIES = {
    "not json": b"{",
    "empty": b"",
    "an array": b"[]",
    "nan": b'{"messages":[{"role":"user","content":"x"}],"temperature":NaN}',
    "infinite": b'{"messages":[{"role":"user","content":"x"}],"temperature":1e999}',
    "lone surrogate": b'{"messages":[{"role":"user","content":"\\ud800"}]}',
    "deep": b'{"messages":' + b"[" * 50_000,
    "deep in a field": b'{"messages":[{"role":"user","content":"x"}],"x":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "not utf-8": b'{"messages":[{"role":"user","content":"\xff\xfe"}]}',
    "negative max_tokens": json.dumps(body("x", max_tokens=-1)).encode(),
    "wrong types": json.dumps(body("x", n="two", stop=7)).encode(),
}


@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_bad_body_is_400_in_the_clients_own_shape(node: RunningNode, name: str) -> None:
    response = node.http.post("/v1/chat/completions", content=BAD_BODIES[name])
    assert response.status_code == 400, response.text
    assert set(response.json()["error"]) == {"message", "type", "param", "code"}


def test_a_body_of_10_megabytes_is_read_and_refused_for_its_length_in_tokens(node: RunningNode) -> None:
    response = node.ask("word " * 2_000_000)
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (400, "context_length_exceeded")
    assert "maximum context length is 4096 tokens" in error["message"]


def test_a_body_without_end_is_413(node: RunningNode) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(60):
            yield b" " * 2**20

    try:
        assert node.http.post("/v1/chat/completions", content=endless()).status_code == 413
    except httpx.WriteError:
        pass  # The node answered and closed before everything was sent.


def test_a_prompt_that_is_just_too_long_is_told_both_numbers(node: RunningNode) -> None:
    error = node.ask("word " * 4200).json()["error"]
    assert error["code"] == "context_length_exceeded"
    assert "4096" in error["message"] and "resulted in 42" in error["message"]


def test_a_gigantic_max_tokens_is_a_wish(node: RunningNode) -> None:
    assert node.ask("Say hi.", max_tokens=10**12, stop=[" "]).status_code == 200


def test_special_characters_survive(node: RunningNode) -> None:
    assert node.ask("\u0000 \u2028 🙂 \ufeff <|im_end|>").status_code == 200
