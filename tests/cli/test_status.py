"""`status` of a node in every state that it can be in."""

import json

import pytest
from localswarm.cli.client import Client
from localswarm.cli.status import ask, in_words

from ..running import RunningNode
from .command import answering, run

LOADING = b'{"status": "model_loading", "message": "The model is being loaded.", "load": {}}'


def test_a_node_that_is_ready(node: RunningNode) -> None:
    said = run("status", "--url", node.base, "--json")
    found = json.loads(said.stdout)
    assert said.returncode == 0 and found["state"] == "ready"
    assert found["models"][0]["context_length"] == 4096 and found["load"]["running"] == 0
    port = node.base.rsplit(":", 1)[1].removesuffix("/v1")
    text = run("status", "--port", port).stdout
    assert (
        "ready at" in text and "smollm2:135m:q4_1" in text and "context 4096, 8 seats" in text and "0 answering" in text
    )
    assert text.count("context 4096") == 1, "the swarm itself is no model"
    assert found["federation"]["node"]["model"] == "smollm2:135m:q4_1"


def test_the_node_of_a_state_folder_is_found_without_its_port(node: RunningNode) -> None:
    for words in ((), ("--port", "0")):
        said = run("status", "--json", "--state-dir", str(node.state), *words)
        assert said.returncode == 0 and json.loads(said.stdout)["url"] == node.base.removesuffix("/v1")
    said = run("status", "--state-dir", str(node.state), "--port", "1")
    assert said.returncode == 1 and "http://localhost:1." in said.stdout, "what was said is not guessed away"


def test_no_node() -> None:
    said = run("status", "--port", "1")
    assert said.returncode == 1 and "down: No node runs at http://localhost:1. Start one with" in said.stdout
    assert json.loads(run("status", "--port", "1", "--json").stdout)["state"] == "down"


@pytest.mark.parametrize(
    ("status", "body", "state", "message"),
    [
        (503, LOADING, "loading", "The model is being loaded."),
        (503, b'{"status": "engine_died", "message": "The engine died."}', "failing", "The engine died."),
        (401, b'{"error": {"message": "A valid API key is required"}}', "failing", "API key"),
        (200, b'{"status": "ok"}', "failing", "not a Local Swarm node"),
        (200, b"Ollama is running", "failing", "not a Local Swarm node"),
        (404, b"{}", "failing", "404"),
    ],
)
def test_states(status: int, body: bytes, state: str, message: str) -> None:
    with answering({"/health": (status, body)}) as (url, _):
        found = ask(Client(url))
    assert found.state == state and message in found.message
    assert message in in_words(found, 0)


def other(**more: object) -> dict[str, object]:
    return {"id": "d" * 16, "name": "desk", "state": "alive", "model": "m", "context": 8192, **more}


def test_the_other_machines_are_shown_also_while_this_one_loads() -> None:
    others = json.dumps({"node": other(name="here"), "peers": [other()], "strangers": []}).encode()
    with answering({"/health": (503, LOADING), "/v1/federation/health": (200, others)}) as (url, _):
        found = ask(Client(url))
    assert found.state == "loading" and found.federation
    lines = in_words(found, 0).splitlines()
    assert lines[0].startswith("  node      loading") and [line.split()[0] for line in lines[2:]] == [
        "machine", "here", "desk",
    ]  # fmt: skip


def test_an_older_node_knows_of_no_others() -> None:
    ready = b'{"status": "ok", "load": {}}'
    with answering({"/health": (200, ready), "/v1/models": (200, b'{"data": [{"id": "m"}]}')}) as (url, _):
        found = ask(Client(url))
    assert found.state == "ready" and found.federation is None


@pytest.mark.parametrize("up", [True, False])
def test_loans_are_told_whether_the_node_can_answer_or_not(up: bool) -> None:
    held = {"id": "d", "name": "desk", "bytes": 2**30, "state": "lost", "since": 5, "trouble": "desk is lost."}
    others = json.dumps({"node": {}, "peers": [], "strangers": [], "notes": [], "borrowed": [held], "lent": []})
    health = (200, b'{"status": "ok", "load": {}}') if up else (503, b'{"status": "engine_died", "message": "Ended."}')
    places = {"/health": health, "/v1/models": (200, b'{"data": []}'), "/v1/federation/health": (200, others.encode())}
    with answering(places) as (url, _):
        found = ask(Client(url))
    assert found.state == ("ready" if up else "failing")
    said = in_words(found, 10)
    assert "borrows   1.0 GiB of desk, lost for 5 s: desk is lost." in said
    assert "lends     its free memory (--lend), to nobody now" in said
