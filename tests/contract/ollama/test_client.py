"""Ollama's own library against a real socket."""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import ollama
import pytest
from localswarm.chat import Accepted, ChatRequest, TextDelta, ToolResult
from localswarm.errors import ContextOverflow, EngineDied, ModelLoading, Overloaded, SwarmError

from ...api.serving import served
from ...swarm.scripted import CONTEXT, ScriptedMember, Step, calls, says

GO: dict[str, Any] = {"role": "user", "content": "go"}
READ = {
    "type": "function",
    "function": {
        "name": "Read",
        "description": "Reads a file.",
        "parameters": {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
    },
}


def agent(request: ChatRequest) -> list[Step]:
    """Reads a file, then says what it held."""
    results = [part for message in request.messages for part in message.parts if isinstance(part, ToolResult)]
    if results:
        return says("It holds ", results[0].content)
    return calls("Read", '{"path":', '"a.txt"}', text="I look.", thought="read first")


@contextlib.contextmanager
def connected(member: ScriptedMember, key: str | None = None, **headers: str) -> Iterator[ollama.Client]:
    with served(member, key=key) as base, ollama.Client(host=base, headers=headers) as client:
        yield client


@pytest.fixture
def reader() -> Iterator[tuple[ollama.Client, ScriptedMember]]:
    member = ScriptedMember(agent)
    with connected(member) as client:
        yield client, member


@pytest.mark.parametrize("streaming", [False, True])
def test_a_whole_loop_with_a_tool(reader: tuple[ollama.Client, ScriptedMember], streaming: bool) -> None:
    client, member = reader

    def ask(messages: list[Any]) -> list[ollama.ChatResponse]:
        if streaming:
            return list(client.chat("swarm", messages, tools=[READ], stream=True))
        return [client.chat("swarm", messages, tools=[READ])]

    first = ask([GO])
    messages = [part.message for part in first]
    assert "".join(message.thinking or "" for message in messages) == "read first"
    assert "".join(message.content or "" for message in messages) == "I look."
    (call,) = [call for message in messages for call in message.tool_calls or ()]
    assert (call.function.name, call.function.arguments) == ("Read", {"path": "a.txt"})
    assert first[-1].done and first[-1].done_reason == "stop" and first[-1].prompt_eval_count == 5

    spoken = {"role": "assistant", "content": "I look.", "tool_calls": [call.model_dump()]}
    second = ask([GO, spoken, {"role": "tool", "tool_name": "Read", "content": "bread"}])
    assert "".join(part.message.content or "" for part in second) == "It holds bread"
    assert [message.role for message in member.asked[1].messages] == ["user", "assistant", "tool"]


@pytest.mark.parametrize("streaming", [False, True])
def test_a_prompt(streaming: bool) -> None:
    with connected(ScriptedMember(says("Hello", " there"))) as client:
        if streaming:
            parts = list(client.generate("scripted:latest", "hi", stream=True))
        else:
            parts = [client.generate("scripted:latest", "hi")]
    assert "".join(part.response or "" for part in parts) == "Hello there"
    assert parts[-1].done and parts[-1].model == "scripted:latest" and parts[-1].eval_count == 2
    assert parts[-1].total_duration


def test_what_is_there(reader: tuple[ollama.Client, ScriptedMember]) -> None:
    client, _ = reader
    assert [model.model for model in client.list().models] == [
        "swarm:latest",
        "swarm:fast",
        "swarm:vote",
        "scripted:latest",
    ]
    assert client.ps().models[0].context_length == CONTEXT
    shown = client.show("swarm")
    assert shown.modelinfo and shown.modelinfo["llama.context_length"] == CONTEXT
    assert shown.capabilities and "tools" in shown.capabilities
    assert client.generate("swarm", "").done_reason == "load"
    assert client.chat("swarm", []).done_reason == "load"


def test_embeddings(reader: tuple[ollama.Client, ScriptedMember]) -> None:
    client, _ = reader
    assert client.embed("swarm", ["a", "bc"]).embeddings == [[0.6, 0.8], [0.6, 0.8]]
    assert client.embed("swarm", "abc").prompt_eval_count == 3
    assert client.embeddings("swarm", "abc").embedding == [0.6, 0.8]


FAILURES = [ContextOverflow(9000, 4096), Overloaded("full", 9), ModelLoading("loading"), SwarmError("oh")]


@pytest.mark.parametrize("error", FAILURES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("stream", [False, True])
def test_errors_before_the_answer(error: SwarmError, stream: bool) -> None:
    with connected(ScriptedMember([error])) as client, pytest.raises(ollama.ResponseError) as raised:
        list(client.chat("swarm", [GO], stream=True) if stream else [client.chat("swarm", [GO])])
    assert (raised.value.status_code, raised.value.error) == (error.status, error.message)


def test_refusals_are_said_in_ollamas_way(reader: tuple[ollama.Client, ScriptedMember]) -> None:
    client, _ = reader
    refusals: list[tuple[Callable[[], object], int, str]] = [
        (lambda: client.chat("gpt-5", [GO]), 404, "not served here"),
        (lambda: client.generate("gpt-5", ""), 404, "not served here"),
        (lambda: client.embed("gpt-5", "x"), 404, "not served here"),
        (lambda: client.show("gpt-5"), 404, "not served here"),
        (lambda: client.generate("swarm", "x", suffix="y"), 400, "'suffix'"),
        (lambda: client.generate("swarm", "x", images=[b"\x89PNG"]), 400, "cannot see images"),
        (lambda: client.chat("swarm", [GO], options={"temperature": 1000}), 400, "'options.temperature'"),
        (lambda: client.pull("other"), 400, "--model"),
        (lambda: client.push("other"), 400, "--model"),
        (lambda: client.delete("other"), 400, "--model"),
        (lambda: client.copy("other", "another"), 400, "--model"),
        (lambda: client.create("other", from_="x"), 400, "--model"),
    ]
    for refused, status, words in refusals:
        with pytest.raises(ollama.ResponseError, match=words) as raised:
            refused()
        assert raised.value.status_code == status
    assert client.chat("swarm", [GO]).done


def test_a_missing_key_is_said_in_ollamas_way() -> None:
    with (
        connected(ScriptedMember(), "secret") as client,
        pytest.raises(ollama.ResponseError, match="API key") as raised,
    ):
        client.list()
    assert raised.value.status_code == 401
    with connected(ScriptedMember(), "secret", Authorization="Bearer secret") as client:
        assert client.list().models


def test_an_error_in_the_middle_of_a_stream() -> None:
    member = ScriptedMember([Accepted(5), TextDelta("half"), EngineDied("The engine died.")])
    with connected(member) as client, pytest.raises(ollama.ResponseError, match="The engine died"):
        list(client.chat("swarm", [GO], stream=True))


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_leaves_cancels_the_member(stream: bool) -> None:
    member = ScriptedMember([Accepted(5), TextDelta("half"), 60.0])
    with served(member) as base:
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{base}/api/chat", json={"model": "swarm", "messages": [GO], "stream": stream}, timeout=0.5)
        deadline = time.monotonic() + 5
        while not member.left and time.monotonic() < deadline:
            time.sleep(0.01)
    assert member.left == 1
