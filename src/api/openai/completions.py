"""Completions of plain texts, to and from the wire. Pure.

Several prompts are several requests; the choices of the first come first.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...chat import Candidate, ChatRequest, Policy, Sampling
from ...errors import BadRequest
from .. import policy
from ..fields import Fields, describe
from . import logprobs, sampling, session, usage
from .chat import head, streaming

# Of all prompts together: each is an answer of its own.
MOST_CHOICES = 128
MOST_TOKEN = 2**31 - 1
MOST_ALTERNATIVES = 20

Prompt = str | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Call:
    id: str
    model: str
    prompts: tuple[Prompt, ...]
    policy: Policy
    sampling: Sampling
    stream: bool
    include_usage: bool
    echo: bool
    session: str = ""

    @property
    def each(self) -> int:
        """Choices of each prompt."""
        return self.policy.choices

    @property
    def requests(self) -> tuple[ChatRequest, ...]:
        return tuple(
            ChatRequest(
                id=f"{self.id}-{at}" if at else self.id,
                model=self.model,
                messages=(),
                sampling=self.sampling,
                policy=self.policy,
                raw=prompt,
                session=self.session,
            )
            for at, prompt in enumerate(self.prompts)
        )


def from_wire(body: dict[str, Any], request_id: str, affinity: str = "") -> Call:
    fields = Fields(body)
    fields.refuse("suffix", unless=("",))
    prompts = _prompts(fields)
    each = fields.whole("n", 1, MOST_CHOICES) or 1
    if len(prompts) * each > MOST_CHOICES:
        raise fields.wrong("prompt", f"and 'n' together ask for more than {MOST_CHOICES} choices")
    # More answers than are wanted would have to be ranked; that is not done here.
    if (fields.whole("best_of", 1) or each) != each:
        raise fields.unsupported("best_of", "must be the same as 'n'")
    return Call(
        request_id,
        fields.text("model") or "swarm",
        prompts,
        policy.read(fields, each),
        sampling.read(fields, fields.whole("max_tokens", 1), fields.whole("logprobs", 0, MOST_ALTERNATIVES)),
        *streaming(fields),
        _echo(fields),
        session.read(fields, affinity),
    )


def _echo(fields: Fields) -> bool:
    echo = fields.truth("echo") or False
    if echo and fields.raw("logprobs") is not None:
        raise fields.unsupported("echo", "together with 'logprobs' is not supported by this server")
    return echo


def _prompts(fields: Fields) -> tuple[Prompt, ...]:
    return texts_or_tokens(fields, "prompt")


def texts_or_tokens(fields: Fields, key: str) -> tuple[Prompt, ...]:
    """A string, an array of strings, an array of tokens, or an array of arrays of tokens."""
    value = fields.raw(key)
    if value is None:
        raise fields.missing(key)
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list):
        raise fields.wrong(key, f"must be a string or an array, not {describe(value)}")
    if not value:
        raise fields.wrong(key, "must not be empty")
    if not isinstance(value[0], str | list):
        return (_tokens(fields.name(key), value),)
    return tuple(_prompt(f"{fields.name(key)}[{at}]", one) for at, one in enumerate(value))


def _prompt(where: str, value: Any) -> Prompt:
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        raise BadRequest(f"'{where}' must be a string or an array of tokens, not {describe(value)}.", where)
    return _tokens(where, value)


def _tokens(where: str, values: list[Any]) -> tuple[int, ...]:
    if not values:
        raise BadRequest(f"'{where}' must not be empty.", where)
    return tuple(_token(f"{where}[{at}]", value) for at, value in enumerate(values))


def _token(where: str, value: Any) -> int:
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    if isinstance(whole, bool) or not isinstance(whole, int) or not 0 <= whole <= MOST_TOKEN:
        raise BadRequest(f"'{where}' must be a token's number.", where)
    return whole


def whole_to_wire(
    call: Call, echoes: Sequence[str], said: Mapping[str, Any], candidates: Sequence[Candidate]
) -> dict[str, Any]:
    """`echoes`: what each prompt puts before its text; empty strings where no echo was asked for."""
    used = [candidate.usage for candidate in candidates]
    return {
        **head(call.requests[0], "text_completion", int(time.time())),
        "choices": [
            _choice(call, index, echoes[index // call.each], candidate) for index, candidate in enumerate(candidates)
        ],
        "usage": usage.of_several([used[at : at + call.each] for at in range(0, len(used), call.each)]),
        **said,
    }


def _choice(call: Call, index: int, echo: str, candidate: Candidate) -> dict[str, Any]:
    asked = call.sampling.logprobs is not None
    return {
        "index": index,
        "text": echo + candidate.message.text,
        "logprobs": logprobs.to_old_wire(candidate.logprobs, len(echo)) if asked else None,
        "finish_reason": candidate.reason,
    }
