"""Texts to tokens and to vectors at servers that lack the route, or answer with what only looks like numbers."""

from typing import Any

import pytest
from localswarm.errors import NotSupported, SwarmError, UpstreamFault
from localswarm.swarm.upstream import chunks

from .standing import asked, replies


async def test_a_server_without_the_route_says_so() -> None:
    async with asked() as (stand_in, asker):
        with pytest.raises(NotSupported, match=f"{stand_in.url} does not tell how it cuts texts"):
            await asker.swarm.tokenize("big", "Hello", special=True)
        with pytest.raises(NotSupported, match="does not tell how it cuts texts"):
            await asker.swarm.detokenize("big", [1])


@pytest.mark.parametrize("tokens", [[True, 2], [1, 2.5], ["1"], None])
async def test_tokens_that_are_none(tokens: Any) -> None:
    async with asked() as (stand_in, asker):
        stand_in.more["/tokenize"] = {"tokens": tokens}
        with pytest.raises(UpstreamFault, match="not asked for"):
            await asker.swarm.tokenize("big", "Hello", special=True)
        stand_in.more["/tokenize"] = {"tokens": [1, 2]}
        assert await asker.swarm.tokenize("big", "Hello", special=True) == [1, 2]


@pytest.mark.parametrize("vector", [[True, 0.5], [None], "12", [10**400]])
async def test_vectors_that_are_none(vector: Any) -> None:
    answer = replies({"data": [{"index": 0, "embedding": vector}], "usage": {"prompt_tokens": 1}})
    listed = {"data": [{"id": "bge-small", "owned_by": "vllm", "max_model_len": 512}]}
    async with asked(answer, listed=listed) as (_, asker):
        with pytest.raises(SwarmError, match="not asked for"):
            await asker.swarm.embed("bge-small", ["x"])


def test_true_is_no_number_in_an_answer() -> None:
    entry = {"token": "a", "bytes": [True, 98], "logprob": True}
    choice = {"index": True, "delta": {"content": "a"}, "logprobs": {"content": [entry]}}
    (part,) = chunks.choices({"choices": [choice]})
    assert part.index == 0 and part.logprobs[0].bytes == b"a" and part.logprobs[0].logprob == 0.0
    usage = chunks.usage({"usage": {"prompt_tokens": True, "completion_tokens": 2}})
    assert usage and (usage.prompt, usage.completion) == (0, 2)


def test_huge_numbers_can_be_computed_with() -> None:
    usage = chunks.usage({"usage": {"prompt_tokens": 10**400, "completion_tokens": -(10**400)}})
    assert usage and (usage.prompt, usage.completion) == (chunks.MOST, 0)
    choice = {"delta": {"content": "a"}, "logprobs": {"content": [{"token": "a", "logprob": -(10**400)}]}}
    (part,) = chunks.choices({"choices": [choice]})
    assert part.logprobs[0].logprob == -chunks.MOST
