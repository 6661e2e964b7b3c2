"""The routes of llama.cpp's server."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from localswarm.swarm.member import Busy

from ..swarm.scripted import BEGIN, CONTEXT, ScriptedMember
from .serving import served


class AtWork(ScriptedMember):
    seats = 8

    def busy(self) -> Busy:
        return Busy(0, 2, 0, 0, 0)


@pytest.fixture(scope="module")
def node() -> Iterator[httpx.Client]:
    with served(AtWork()) as base, httpx.Client(base_url=base) as client:
        yield client


def test_props(node: httpx.Client) -> None:
    props = node.get("/props").json()
    assert props["default_generation_settings"]["n_ctx"] == CONTEXT
    assert (props["total_slots"], props["chat_template"]) == (8, "{{ messages }}")
    assert props["modalities"] == {"vision": False, "audio": False}
    assert props["build_info"] == "local-swarm test"


def test_slots(node: httpx.Client) -> None:
    slots = node.get("/slots").json()
    assert [slot["is_processing"] for slot in slots] == [True] * 2 + [False] * 6
    assert {slot["n_ctx"] for slot in slots} == {CONTEXT}


def test_there_and_back(node: httpx.Client) -> None:
    tokens = node.post("/tokenize", json={"content": "aba"}).json()["tokens"]
    assert tokens == [97, 98, 97]
    assert node.post("/detokenize", json={"tokens": tokens}).json() == {"content": "aba"}
    assert node.post("/tokenize", json={"content": ""}).json() == {"tokens": []}


def test_tokens_with_their_texts(node: httpx.Client) -> None:
    found = node.post("/tokenize", json={"content": "aba", "with_pieces": True, "add_special": False}).json()
    assert found["tokens"] == [{"id": 97, "piece": "a"}, {"id": 98, "piece": "b"}, {"id": 97, "piece": "a"}]


@pytest.mark.parametrize(
    ("asked", "tokens"), [({}, [97]), ({"add_special": False}, [97]), ({"add_special": True}, [BEGIN, 97])]
)
def test_with_the_tokens_around_a_text(node: httpx.Client, asked: dict[str, bool], tokens: list[int]) -> None:
    assert node.post("/tokenize", json={"content": "a"} | asked).json() == {"tokens": tokens}


@pytest.mark.parametrize(
    ("path", "body", "name"),
    [
        ("/tokenize", {}, "content"),
        ("/tokenize", {"content": 5}, "content"),
        ("/tokenize", {"content": "a", "parse_special": "yes"}, "parse_special"),
        ("/tokenize", {"content": "a", "with_pieces": 1}, "with_pieces"),
        ("/tokenize", {"content": "a", "add_special": 1}, "add_special"),
        ("/tokenize", {"content": "a", "model": 5}, "model"),
        ("/tokenize", {"content": "a", "model": "other"}, "model"),
        ("/detokenize", {}, "tokens"),
        ("/detokenize", {"tokens": "a"}, "tokens"),
        ("/detokenize", {"tokens": [1, "a"]}, "tokens[1]"),
        ("/detokenize", {"tokens": [None]}, "tokens[0]"),
        ("/detokenize", {"tokens": [-1]}, "tokens[0]"),
        ("/detokenize", {"tokens": [2**40]}, "tokens[0]"),
    ],
)
def test_wrong_fields_are_named(node: httpx.Client, path: str, body: dict[str, Any], name: str) -> None:
    answer = node.post(path, json=body)
    assert answer.status_code in (400, 404) and answer.json()["error"]["param"] == name
    assert node.post("/tokenize", json={"content": "a"}).status_code == 200
