"""A node with other servers beside it: llama.cpp's own, and another node of ours. The whole way, over real sockets."""

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from localswarm.swarm.routing import WHOLE

from ..running import RunningNode, body, text_of

pytest.importorskip("xllamacpp", reason="llama.cpp's own server is in the group `bench`")

from ..benchmarks.servers import Theirs

CALLS = {
    "type": "function",
    "function": {
        "name": "add",
        "parameters": {"type": "object", "properties": {"a": {"enum": [1]}}, "required": ["a"]},
    },
}


@pytest.fixture(scope="module")
def llama(smollm2: Path) -> Iterator[Theirs]:
    server = Theirs(smollm2, 1)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def near(tmp_path_factory: pytest.TempPathFactory, llama: Theirs) -> Iterator[RunningNode]:
    """A node beside llama.cpp's server."""
    with RunningNode(tmp_path_factory.mktemp("near"), "--upstream", f"http://127.0.0.1:{llama.port}") as node:
        yield node


THEIRS = "SmolLM2-135M-Instruct.Q4_1"


def models(node: RunningNode) -> dict[str, Any]:
    return {one["id"]: one for one in node.http.get("/v1/models").json()["data"]}


def test_its_models_are_listed_with_what_is_true_of_them(near: RunningNode, llama: Theirs) -> None:
    assert f"127.0.0.1:{llama.port}/v1 serves {THEIRS}" in near.output
    found = models(near)[THEIRS]
    assert found["context_length"] == 8192 and found["seats"] == 8 and found["local"] is False
    assert found["meta"]["n_ctx_train"] == 8192 and f"127.0.0.1:{llama.port}" in found["notes"][0]
    shown = near.http.post("/api/show", json={"model": THEIRS}).json()
    assert shown["model_info"]["unknown.context_length"] == 8192


def test_streamed_and_whole_and_like_asked_directly(near: RunningNode, llama: Theirs) -> None:
    question = body("Name three colours.", model=THEIRS, temperature=0, max_tokens=24)
    direct = httpx.post(f"http://127.0.0.1:{llama.port}/v1/chat/completions", json=question, timeout=60).json()
    whole = near.http.post("/v1/chat/completions", json=question).json()
    events = near.stream(**{**question, "text": "Name three colours.", "stream_options": {"include_usage": True}})
    said = direct["choices"][0]["message"]["content"]
    assert said == whole["choices"][0]["message"]["content"] == text_of(events)
    counted = {key: direct["usage"][key] for key in ("prompt_tokens", "completion_tokens")}
    assert counted.items() <= whole["usage"].items() and counted.items() <= events[-1]["usage"].items()
    assert whole["choices"][0]["finish_reason"] == direct["choices"][0]["finish_reason"]


def test_candidates_and_logprobs_and_forms(near: RunningNode) -> None:
    several = near.ask(model=THEIRS, n=3, logprobs=True, top_logprobs=2, max_tokens=6).json()
    assert [one["index"] for one in several["choices"]] == [0, 1, 2]
    for choice in several["choices"]:
        entries = choice["logprobs"]["content"]
        assert "".join(entry["token"] for entry in entries) == choice["message"]["content"]
        assert all(len(entry["top_logprobs"]) == 2 for entry in entries)
    assert several["usage"]["completion_tokens"] == 18
    schema = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}
    form = {"type": "json_schema", "json_schema": {"name": "a", "schema": schema}}
    answer = near.ask("How old?", model=THEIRS, response_format=form, max_tokens=80).json()["choices"][0]
    assert set(json.loads(answer["message"]["content"])) == {"age"}


def test_tools_that_would_be_left_out_are_refused_or_go_elsewhere(near: RunningNode) -> None:
    assert models(near)[THEIRS]["supports_tools"] is False
    wish = {"tools": [CALLS], "tool_choice": "required", "max_tokens": 60}
    refused = near.ask("Add one.", **wish, model=THEIRS)
    assert refused.status_code == 400 and "does not support tools" in refused.json()["error"]["message"]
    assert near.ask("Add one.", **wish).json()["choices"][0]["message"]["tool_calls"]


def test_texts_tokens_and_other_apis(near: RunningNode) -> None:
    raw = {"model": THEIRS, "prompt": "one, two, three,", "max_tokens": 8, "temperature": 0, "logprobs": 1}
    choice = near.http.post("/v1/completions", json=raw).json()["choices"][0]
    assert "four" in choice["text"] and "".join(choice["logprobs"]["tokens"]) == choice["text"]
    tokens = near.http.post("/tokenize", json={"model": THEIRS, "content": "Hello there"}).json()["tokens"]
    assert near.http.post("/detokenize", json={"model": THEIRS, "tokens": tokens}).json()["content"] == "Hello there"
    message = {"model": THEIRS, "max_tokens": 8, "messages": [{"role": "user", "content": "Hi"}]}
    said = near.http.post("/v1/messages", json=message).json()
    assert said["content"][0]["text"] and said["usage"]["output_tokens"] == 8
    counted = near.http.post("/v1/messages/count_tokens", json=message).json()["input_tokens"]
    assert counted == said["usage"]["input_tokens"] + said["usage"]["cache_read_input_tokens"]


def test_too_long_and_wrong(near: RunningNode) -> None:
    refused = near.ask("word " * 20_000, model=THEIRS)
    error = refused.json()["error"]
    assert refused.status_code == 400 and error["code"] == "context_length_exceeded"
    assert "maximum context length is 8192 tokens" in error["message"] and "200" in error["message"]
    wrong = near.ask(model="other")
    assert wrong.status_code == 404 and THEIRS in wrong.json()["error"]["message"]


def test_a_node_beside_a_node(tmp_path: Path, near: RunningNode) -> None:
    """What the other one has from elsewhere is not led on, nor its `swarm`; and neither asks itself."""
    with RunningNode(tmp_path, "--upstream", near.base.replace("localhost", "127.0.0.1")) as far:
        assert set(models(far)) == {*WHOLE, "smollm2:135m:q4_1"}
        # The same model here and there: this node answers, and where it cannot, the other one.
        assert far.ask().status_code == 200 and far.ask(model=THEIRS).status_code == 404
        # Its own engine dies; until it has come back, the other node answers.
        far.engine.kill()
        answers = [far.ask(f"{at}?").status_code for at in range(5)]
        assert set(answers) == {200}


def test_calls_of_another_node(tmp_path: Path, near: RunningNode, smollm2: Path) -> None:
    """Under another name, so that only the other one has it: made there, and passed on with their ids."""
    model = tmp_path / "tool-caller.gguf"
    model.symlink_to(smollm2)
    with RunningNode(tmp_path / "state", "--model", str(model), auto=False) as other:
        with RunningNode(tmp_path / "far", "--upstream", other.base.replace("localhost", "127.0.0.1")) as far:
            calls_and_results(far, next(name for name in models(far) if name.startswith("tool-caller")))


def calls_and_results(node: RunningNode, model: str) -> None:
    wish = {"tools": [CALLS], "tool_choice": "required", "model": model, "max_tokens": 60, "parallel_tool_calls": False}
    choice = node.ask("Add one.", **wish).json()["choices"][0]
    (call,) = choice["message"]["tool_calls"]
    assert choice["finish_reason"] == "tool_calls" and call["function"]["name"] == "add" and call["id"]
    assert json.loads(call["function"]["arguments"]) == {"a": 1}
    events = node.stream("Add one.", **wish)
    deltas = [one for event in events for choice in event["choices"] for one in choice["delta"].get("tool_calls", ())]
    assert deltas[0]["id"] and deltas[0]["function"]["name"] == "add" and {one["index"] for one in deltas} == {0}
    assert json.loads("".join(one["function"]["arguments"] for one in deltas)) == {"a": 1}
    answered = [
        {"role": "user", "content": "Add one."},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": call["id"], "content": "2"},
    ]
    reply = node.http.post("/v1/chat/completions", json={**body(""), "model": model, "messages": answered}).json()
    assert reply["choices"][0]["finish_reason"] in ("stop", "length") and reply["choices"][0]["message"]["content"]


def test_a_node_that_is_told_to_ask_itself(tmp_path: Path) -> None:
    port = free_port()
    with RunningNode(tmp_path, "--upstream", f"http://127.0.0.1:{port}/v1", "--port", str(port)) as node:
        # While it loads its model it cannot be known by anything; after that it is.
        time.sleep(3)
        assert set(models(node)) == {*WHOLE, "smollm2:135m:q4_1"} and node.ask().status_code == 200
        node.process.terminate()
        said, _ = node.process.communicate(timeout=20)
    assert f"127.0.0.1:{port}/v1 is this node itself. Take it out of --upstream" in node.output + said


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
