"""Log-probabilities, to the wire: the newer form of chats and responses, and the older one of completions. Pure."""

from collections.abc import Sequence
from typing import Any

from ...chat import TokenLogprob

# JSON has no minus infinity; OpenAI writes this for what cannot happen.
NEVER = -9999.0


def to_wire(entries: Sequence[TokenLogprob]) -> list[dict[str, Any]]:
    return [
        _token(entry.bytes, entry.logprob) | {"top_logprobs": [_token(one.bytes, one.logprob) for one in entry.top]}
        for entry in entries
    ]


def to_old_wire(entries: Sequence[TokenLogprob], offset: int) -> dict[str, Any]:
    """`offset`: so many characters of the text stand before the first of them."""
    offsets = []
    for entry in entries:
        offsets.append(offset)
        offset += len(_text(entry.bytes))
    return {
        "tokens": [_text(entry.bytes) for entry in entries],
        "token_logprobs": [max(entry.logprob, NEVER) for entry in entries],
        "top_logprobs": [{_text(one.bytes): max(one.logprob, NEVER) for one in entry.top} for entry in entries],
        "text_offset": offsets,
    }


def _token(token: bytes, logprob: float) -> dict[str, Any]:
    return {"token": _text(token), "logprob": max(logprob, NEVER), "bytes": list(token)}


def _text(token: bytes) -> str:
    return token.decode("utf-8", "replace")
