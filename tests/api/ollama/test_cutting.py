"""Texts that are too long are cut to what fits, one by one."""

from collections.abc import Sequence

import httpx
import pytest
from localswarm.chat import Embedding
from localswarm.errors import ContextOverflow

from ...swarm.scripted import ScriptedMember
from ..serving import served

FITS = 10
MARK = 1  # token that the model puts before each text


class Short(ScriptedMember):
    """A token is two bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.embedded: list[str] = []

    async def tokenize(self, text: str, special: bool, framed: bool = False) -> list[int]:
        data = text.encode()
        return [int.from_bytes(data[at : at + 2]) for at in range(0, len(data), 2)]

    async def detokenize(self, tokens: Sequence[int]) -> str:
        return b"".join(token.to_bytes(2) for token in tokens).decode(errors="replace")

    async def embed(self, texts: Sequence[str]) -> list[Embedding]:
        counts = [MARK + len(await self.tokenize(text, False)) for text in texts]
        for count in counts:
            if count > FITS:
                raise ContextOverflow(count, FITS)
        self.embedded = [*self.embedded, *texts]
        return [Embedding((1.0,), count) for count in counts]


@pytest.mark.parametrize(
    ("texts", "embedded"),
    [
        (["a" * 18], ["a" * 18]),
        (["a" * 20], ["a" * 18]),
        (["a" * 50_000], ["a" * 18]),
        (["short", "b" * 99, "c" * 18], ["short", "b" * 18, "c" * 18]),
        # A character is never left in half.
        (["x" + "\u20ac" * 20], ["x" + "\u20ac" * 5]),
    ],
)
def test_each_text_keeps_what_fits(texts: list[str], embedded: list[str]) -> None:
    member = Short()
    with served(member) as url:
        answer = httpx.post(f"{url}/api/embed", json={"model": "swarm", "input": texts})
    assert answer.status_code == 200 and len(answer.json()["embeddings"]) == len(texts)
    assert member.embedded == embedded


def test_the_older_form_cuts_too() -> None:
    with served(Short()) as url:
        answer = httpx.post(f"{url}/api/embeddings", json={"model": "swarm", "prompt": "a" * 99})
    assert answer.json() == {"embedding": [1.0]}


def test_nothing_is_cut_where_that_is_unwanted() -> None:
    with served(Short()) as url:
        answer = httpx.post(f"{url}/api/embed", json={"model": "swarm", "input": "a" * 99, "truncate": False})
    assert answer.status_code == 400 and "your input resulted in 51 tokens" in answer.json()["error"]
