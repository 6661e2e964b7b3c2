"""The nouns of a conversation: what is asked, and what comes back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

Role = Literal["system", "user", "assistant"]
Reason = Literal["stop", "length"]


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Message:
    role: Role
    parts: tuple[Text, ...]

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts)


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is chosen. The defaults are those of llama.cpp's own server."""

    temperature: float = 0.8
    top_p: float = 0.95
    top_k: int = 40
    min_p: float = 0.05
    repeat_penalty: float = 1.0
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    max_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    logit_bias: tuple[tuple[int, float], ...] = ()
    # None: no log-probabilities; a number: those of the chosen token and of so many alternatives.
    logprobs: int | None = None
    # Write on past the model's own end; for measuring speed.
    ignore_eos: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """How many candidates answer, and how one is chosen among them."""

    candidates: int = 1


@dataclass(frozen=True, slots=True)
class ChatRequest:
    id: str
    model: str
    messages: tuple[Message, ...]
    sampling: Sampling = field(default_factory=Sampling)
    policy: Policy = field(default_factory=Policy)


@dataclass(frozen=True, slots=True)
class Usage:
    """Counted in the served model's own tokens. `cached` of the prompt's tokens did not have to be read."""

    prompt: int
    completion: int
    cached: int = 0


@dataclass(frozen=True, slots=True)
class Alternative:
    """A token that could have come next. Its bytes may be only a part of a character."""

    bytes: bytes
    logprob: float


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    bytes: bytes
    logprob: float
    top: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """Everything that can be checked was: from here on there will be an answer or a failure of ours."""

    prompt_tokens: int


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str
    candidate: int = 0
    logprobs: tuple[TokenLogprob, ...] = ()


@dataclass(frozen=True, slots=True)
class Finished:
    reason: Reason
    usage: Usage
    candidate: int = 0


Event = Accepted | TextDelta | Finished
Emit = Callable[[Event], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One whole answer of one member."""

    member: str
    message: Message
    reason: Reason
    usage: Usage
    logprobs: tuple[TokenLogprob, ...] = ()
