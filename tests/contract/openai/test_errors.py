"""Every error is the class that OpenAI's library has for it; and after each a good request works."""

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import openai
import pytest
from localswarm.chat import Accepted, Embedding, TextDelta
from localswarm.errors import ContextOverflow, EngineDied, EngineFault, ModelLoading, SwarmError

from tests.swarm.scripted import ScriptedMember, Step, says

from .conftest import Connect

ASK: Any = [{"role": "user", "content": "x"}]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (ContextOverflow(9000, 4096), openai.BadRequestError, "context_length_exceeded"),
        (ModelLoading("loading"), openai.InternalServerError, "model_loading"),
        (EngineFault("no"), openai.InternalServerError, "engine_fault"),
    ],
)
def test_errors_before_the_first_event(
    connect: Connect, stream: bool, error: SwarmError, kind: type[openai.APIStatusError], code: str
) -> None:
    answers: list[list[Step]] = [[error], [error], [error], says("x")]
    client = connect(ScriptedMember(lambda _: answers.pop(0)))
    for ask in (
        lambda: client.chat.completions.create(model="swarm", messages=ASK, stream=stream),
        lambda: client.completions.create(model="swarm", prompt="x", stream=stream),
        lambda: client.responses.create(model="swarm", input="x", stream=stream),
    ):
        with pytest.raises(kind) as refused:
            ask()
        assert refused.value.code == code and refused.value.status_code == error.status
    assert client.chat.completions.create(model="swarm", messages=ASK).choices[0].message.content == "x"


class Full(ScriptedMember):
    async def embed(self, texts: Sequence[str]) -> list[Embedding]:
        raise ContextOverflow(9000, 4096)


@pytest.mark.parametrize("stream", [False, True])
def test_an_overflow_names_the_field_that_was_sent(connect: Connect, stream: bool) -> None:
    client = connect(Full([ContextOverflow(9000, 4096)]))
    asks: dict[str, Callable[[], object]] = {
        "messages": lambda: client.chat.completions.create(model="swarm", messages=ASK, stream=stream),
        "prompt": lambda: client.completions.create(model="swarm", prompt=["x", "y"], stream=stream),
        "input": lambda: client.responses.create(model="swarm", input="x", stream=stream),
    }
    for field, ask in [*asks.items(), ("input", lambda: client.embeddings.create(model="swarm", input="x"))]:
        with pytest.raises(openai.BadRequestError, match=f"length is 4096 tokens. .* your {field} resulted") as refused:
            ask()
        assert (refused.value.param, refused.value.code) == (field, "context_length_exceeded")


def test_an_unknown_model(connect: Connect) -> None:
    client = connect(ScriptedMember(says("x")))
    for ask in (
        lambda: client.chat.completions.create(model="gpt", messages=ASK),
        lambda: client.completions.create(model="gpt", prompt="x"),
        lambda: client.responses.create(model="gpt", input="x"),
        lambda: client.embeddings.create(model="gpt", input="x"),
        lambda: client.models.retrieve("gpt"),
    ):
        with pytest.raises(openai.NotFoundError) as refused:
            ask()
        assert refused.value.code == "model_not_found"


def test_an_error_in_a_chat_stream_is_raised(connect: Connect) -> None:
    client = connect(ScriptedMember([Accepted(1), TextDelta("half"), EngineDied("The engine ended.")]))
    with pytest.raises(openai.APIError, match="The engine ended"):
        for _ in client.chat.completions.create(model="swarm", messages=ASK, stream=True):
            pass


def test_an_error_in_one_of_several_prompts_ends_all(connect: Connect) -> None:
    client = connect(ScriptedMember(lambda request: says("x") if request.raw == "a" else [0.05, EngineFault("no")]))
    with pytest.raises(openai.InternalServerError):
        client.completions.create(model="swarm", prompt=["a", "b"])


@pytest.mark.parametrize("route", ["/chat/completions", "/completions", "/responses", "/embeddings"])
@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [
        (b"hello", "text/plain", "application/json"),
        (b"{", "application/json", "not valid JSON"),
        (b'{"messages": [{"role": "user", "content": "\xff"}]}', "application/json", "UTF-8"),
        (b'{"input": "\\ud800"}', "application/json", "half of a character"),
        (b'{"temperature": NaN}', "application/json", "NaN"),
        (b"[]", "application/json", "JSON object"),
        (b"{}", "application/json", "is required"),
    ],
)  # fmt: skip
def test_rubbish_is_a_bad_request(connect: Connect, route: str, content: bytes, kind: str, words: str) -> None:
    client = connect(ScriptedMember(says("x")))
    with pytest.raises(openai.BadRequestError, match=words):
        client.post(route, cast_to=object, content=content, options={"headers": {"content-type": kind}})
    assert client.responses.create(model="swarm", input="x").output_text == "x"


def test_ten_thousand_messages_are_answered_in_less_than_a_second(connect: Connect) -> None:
    client = connect(ScriptedMember(says("x")))
    body = json.dumps({"messages": ASK * 10_001}).encode()
    began = time.process_time()
    client.post(
        "/chat/completions", cast_to=object, content=body, options={"headers": {"content-type": "application/json"}}
    )
    assert time.process_time() - began < 1
