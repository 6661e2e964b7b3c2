"""Vectors of texts of which each is cut to what fits, as Ollama does unless it is told otherwise."""

from collections.abc import Sequence

from ...chat import Embedding
from ...errors import ContextOverflow
from ...swarm.answer import Swarm

HALF_CHARACTER = "\ufffd"


async def embed(swarm: Swarm, model: str, texts: Sequence[str]) -> list[Embedding]:
    try:
        return await swarm.embed(model, texts)
    except ContextOverflow:
        return [await _of_one(swarm, model, text) for text in texts]


async def _of_one(swarm: Swarm, model: str, text: str) -> Embedding:
    while True:
        try:
            return (await swarm.embed(model, [text]))[0]
        except ContextOverflow as overflow:
            text = await _cut(swarm, model, text, overflow)


async def _cut(swarm: Swarm, model: str, text: str, overflow: ContextOverflow) -> str:
    """Shorter with each try: the model puts marks of its own around a text, and a cut one can have other tokens."""
    tokens = await swarm.tokenize(model, text, special=False)
    kept = min(overflow.context, len(tokens) - max(1, overflow.prompt_tokens - overflow.context))
    if kept < 1:
        raise overflow
    return (await swarm.detokenize(model, tokens[:kept])).rstrip(HALF_CHARACTER)
