"""A whole node, asked as its users ask it: curl's way, the official SDK, and by hand."""

import json
import socket
import subprocess
import time
from typing import Any

import httpx
import openai
import pytest

from ..running import RunningNode, body, text_of


def test_the_command_of_the_readme_answers(node: RunningNode) -> None:
    """curl -d alone sends no JSON content type."""
    asked = json.dumps(body("What is the capital of France?"))
    said = subprocess.run(["curl", "-s", f"{node.base}/chat/completions", "-d", asked], capture_output=True, check=True)
    assert json.loads(said.stdout)["choices"][0]["message"]["content"]


def test_the_summary_says_what_a_user_wants_to_know(node: RunningNode) -> None:
    for words in (
        "machine",
        "smollm2:135m:q4_1",
        "you asked for it",
        "GiB that may be taken",
        "4096 tokens",
        "main.py --model",
    ):
        assert words in node.output


def test_a_whole_answer(node: RunningNode) -> None:
    answer = node.ask("What is 2 + 2?", temperature=0).json()
    assert answer["object"] == "chat.completion"
    choice = answer["choices"][0]
    assert choice["message"]["role"] == "assistant" and choice["message"]["content"]
    assert choice["finish_reason"] in ("stop", "length")
    usage = answer["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


def test_a_streamed_answer_is_the_whole_one_in_pieces(node: RunningNode) -> None:
    whole = node.ask("Name a colour.", temperature=0).json()
    events = node.stream("Name a colour.", temperature=0, stream_options={"include_usage": True})
    assert events[0]["choices"][0]["delta"]["role"] == "assistant"
    assert text_of(events) == whole["choices"][0]["message"]["content"]
    reasons = [choice["finish_reason"] for event in events for choice in event["choices"]]
    assert [reason for reason in reasons if reason] == [whole["choices"][0]["finish_reason"]]
    assert events[-1]["choices"] == []
    assert events[-1]["usage"]["completion_tokens"] == whole["usage"]["completion_tokens"]
    assert len({event["id"] for event in events}) == 1


def test_several_candidates(node: RunningNode) -> None:
    answer = node.ask("Tell a story.", n=3, temperature=1).json()
    assert [choice["index"] for choice in answer["choices"]] == [0, 1, 2]
    assert len({choice["message"]["content"] for choice in answer["choices"]}) == 3
    assert answer["usage"]["completion_tokens"] > 16
    events = node.stream("Tell a story.", n=3, temperature=1)
    assert [text_of(events, index) for index in range(3)] == [c["message"]["content"] for c in answer["choices"]]


def test_more_candidates_than_seats(node: RunningNode) -> None:
    answer = node.ask("Tell a story.", n=20, max_tokens=4).json()
    assert len(answer["choices"]) == 20 and all(c["message"]["content"] for c in answer["choices"])


def test_the_second_turn_reads_only_what_is_new(node: RunningNode) -> None:
    first = body("Remember the word apple. " * 20)
    answer = node.http.post("/v1/chat/completions", json=first).json()
    messages = [*first["messages"], answer["choices"][0]["message"], {"role": "user", "content": "Which word?"}]
    usage = node.http.post("/v1/chat/completions", json=first | {"messages": messages}).json()["usage"]
    assert usage["prompt_tokens_details"]["cached_tokens"] >= answer["usage"]["prompt_tokens"] - 1


def test_the_official_sdk(node: RunningNode) -> None:
    with openai.OpenAI(base_url=node.base, api_key="none") as client:
        assert next(model.id for model in client.models.list()) == "swarm"
        answer = client.chat.completions.create(
            model="swarm", messages=[{"role": "user", "content": "Hi"}], max_tokens=8, logprobs=True, top_logprobs=2
        )
        content = answer.choices[0].logprobs and answer.choices[0].logprobs.content
        assert content and answer.usage and len(content) == answer.usage.completion_tokens
        assert bytes(byte for one in content for byte in one.bytes or []).decode() == answer.choices[0].message.content
        with client.chat.completions.create(
            model="swarm", messages=[{"role": "user", "content": "Hi"}], max_tokens=8, stream=True
        ) as stream:
            assert [chunk.choices[0].finish_reason for chunk in stream][-1]
        with pytest.raises(openai.BadRequestError) as refused:
            client.chat.completions.create(model="swarm", messages=[], max_tokens=8)
        assert refused.value.param == "messages"
        with pytest.raises(openai.NotFoundError, match="not served here"):
            client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hi"}])


def test_the_true_context_length_is_told(node: RunningNode) -> None:
    for model in node.http.get("/v1/models").json()["data"]:
        assert model["context_length"] == model["max_model_len"] == 4096
        assert node.http.get(f"/v1/models/{model['id']}").json() == model
    assert node.http.get("/v1/models/nothing").json()["error"]["code"] == "model_not_found"


def test_errors_of_the_router_have_the_same_shape(node: RunningNode) -> None:
    for response in (node.http.get("/v1/nothing"), node.http.put("/v1/models"), node.http.get("/v1/chat/completions")):
        error = response.json()["error"]
        assert response.status_code in (404, 405)
        assert set(error) == {"message", "type", "param", "code"} and "/docs" in error["message"]


def test_the_guard_stands_before_every_route(node: RunningNode) -> None:
    routes = ["/v1/models", "/v1/chat/completions", "/health", "/openapi.json", "/nothing"]
    for route in routes:
        for headers in ({"host": "evil.example"}, {"origin": "https://evil.example"}):
            assert node.http.get(route, headers=headers).status_code == 403, route


def test_beyond_loopback_a_key_is_needed_on_every_route(tmp_path_factory: pytest.TempPathFactory) -> None:
    with RunningNode(tmp_path_factory.mktemp("keyed"), "--host", "127.0.0.2") as node:
        key = (node.state / "api-key").read_text()
        assert (node.state / "api-key").stat().st_mode & 0o077 == 0
        assert key not in node.output and "api-key" in node.output
        for route in ("/v1/models", "/health", "/openapi.json", "/nothing"):
            assert node.http.get(route).status_code == 401
        headers = {"authorization": f"Bearer {key}"}
        assert httpx.post(f"{node.base}/chat/completions", json=body("Hi"), headers=headers, timeout=60).is_success


def test_while_the_model_loads_the_answer_is_503_with_retry_after(tmp_path_factory: pytest.TempPathFactory) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    node = RunningNode(tmp_path_factory.mktemp("loading"))
    command = [*node.command, "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        asked = body("Hi")
        while (response := post_or_none(f"http://127.0.0.1:{port}/v1/chat/completions", asked)) is None:
            time.sleep(0.01)
        process.kill()
    assert response.status_code == 503 and int(response.headers["retry-after"]) >= 1
    assert response.json()["error"]["code"] == "model_loading"


def post_or_none(url: str, asked: dict[str, Any]) -> httpx.Response | None:
    try:
        return httpx.post(url, json=asked, timeout=30)
    except httpx.ConnectError:
        return None


def test_an_end_in_good_order_takes_less_than_two_seconds(tmp_path_factory: pytest.TempPathFactory) -> None:
    with RunningNode(tmp_path_factory.mktemp("ended")) as node:
        engine = node.engine
        asked = body("Tell a long story.", max_tokens=3000, ignore_eos=True, stream=True)
        with node.http.stream("POST", "/v1/chat/completions", json=asked) as response:
            lines = response.iter_lines()
            next(lines)
            seconds, code = node.stop()
            rest = "".join(lines)
        assert (seconds < 2, code) == (True, 0)
        assert '"error"' in rest and '"finish_reason":"stop"' not in rest
        assert not engine.is_running()


def test_a_second_signal_ends_at_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    with RunningNode(tmp_path_factory.mktemp("ended")) as node:
        engine = node.engine
        asked = body("Tell a long story.", max_tokens=3000, ignore_eos=True, stream=True)
        with node.http.stream("POST", "/v1/chat/completions", json=asked) as response:
            # Kept: an iterator that is thrown away closes the stream, and the node has nothing left to wait for.
            lines = response.iter_lines()
            next(lines)
            node.process.send_signal(2)
            time.sleep(0.2)
            seconds, code = node.stop()
        assert seconds < 0.3 and code == 130
        engine.wait(timeout=2)
