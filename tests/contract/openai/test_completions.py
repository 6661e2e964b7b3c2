"""Completions, embeddings and models through OpenAI's own library."""

from typing import Any

import pytest
from localswarm.chat import Accepted, ChatRequest, Finished, TextDelta, TokenLogprob, Usage

from tests.swarm.scripted import ScriptedMember, Step

from .conftest import Connect


def more(request: ChatRequest) -> list[Step]:
    text = f"[{request.raw!r}]"
    entry = (TokenLogprob(text.encode(), -0.5),) if request.sampling.logprobs is not None else ()
    steps: list[Step] = [Accepted(5)]
    for index in range(request.policy.choices):
        steps += [TextDelta(text, index, entry), Finished("stop", Usage(5, 1), index)]
    return steps


def test_several_prompts_with_several_choices(connect: Connect) -> None:
    member = ScriptedMember(more)
    answer = connect(member).completions.create(model="swarm", prompt=["a", "b"], n=2, max_tokens=7)
    assert [(one.index, one.text) for one in answer.choices] == [(0, "['a']"), (1, "['a']"), (2, "['b']"), (3, "['b']")]
    assert answer.usage is not None and answer.usage.prompt_tokens == 10 and answer.usage.completion_tokens == 4
    assert {request.sampling.max_tokens for request in member.asked} == {7}


def test_tokens_echo_and_logprobs(connect: Connect) -> None:
    client = connect(ScriptedMember(more))
    assert client.completions.create(model="swarm", prompt=[104, 105], echo=True).choices[0].text == "hi[(104, 105)]"
    stream = client.completions.create(model="swarm", prompt="a", logprobs=1, stream=True)
    (logprobs,) = [chunk.choices[0].logprobs for chunk in stream if chunk.choices[0].logprobs]
    assert logprobs.tokens == ["['a']"] and logprobs.token_logprobs == [-0.5]


def test_a_stream_of_several_prompts(connect: Connect) -> None:
    stream = connect(ScriptedMember(more)).completions.create(
        model="swarm", prompt=["a", "b"], stream=True, echo=True, stream_options={"include_usage": True}
    )
    texts, usage = {0: "", 1: ""}, None
    for chunk in stream:
        usage = chunk.usage or usage
        for choice in chunk.choices:
            texts[choice.index] += choice.text
    assert texts == {0: "a['a']", 1: "b['b']"}
    assert usage is not None and usage.total_tokens == 12


@pytest.mark.parametrize("encoding", ["float", "base64", None])
def test_embeddings(connect: Connect, encoding: Any) -> None:
    given = {} if encoding is None else {"encoding_format": encoding}
    answer = connect(ScriptedMember()).embeddings.create(model="swarm", input=["abc", "de"], **given)
    assert answer.usage.prompt_tokens == 5 and len(answer.data) == 2
    if encoding != "base64":
        assert answer.data[1].embedding == pytest.approx([0.6, 0.8])


def test_embeddings_of_tokens_with_fewer_dimensions(connect: Connect) -> None:
    answer = connect(ScriptedMember()).embeddings.create(model="swarm", input=[104, 105], dimensions=1)
    assert answer.data[0].embedding == [1.0] and answer.usage.prompt_tokens == 2


def test_models(connect: Connect) -> None:
    client = connect(ScriptedMember())
    assert [model.id for model in client.models.list()] == ["swarm", "swarm:fast", "swarm:vote", "scripted"]
    model: Any = client.models.retrieve("Scripted")
    assert model.supports_tools is True and model.context_length == 4096 and "tools" in model.capabilities
