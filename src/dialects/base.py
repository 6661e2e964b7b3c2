"""What everything above a dialect sees of it."""

from dataclasses import dataclass
from typing import Protocol

from ..chat import ChatRequest, TextDelta, ThinkingDelta, ToolCallDelta

Delta = TextDelta | ThinkingDelta | ToolCallDelta


@dataclass(frozen=True, slots=True)
class Plan:
    """What the engine is to do for one request."""

    prompt: str
    grammar: str | None = None  # llguidance's Lark; None: the model writes freely
    special: bool = False  # control tokens in the answer are wanted as text
    head: int = 0  # characters of the prompt before the first word of the user
    thinking: bool = False  # the prompt ends inside the model's thinking
    warnings: tuple[str, ...] = ()
    cuts: tuple[int, ...] = ()  # characters at which the prompt is cut: no token may lie across one


class Scanner(Protocol):
    """Text in any pieces to deltas, for one candidate. Never retracts, and loses nothing for the user."""

    def feed(self, text: str) -> list[Delta]: ...

    def finish(self) -> list[Delta]:
        """The answer ended: what was held back because it could still have become a marker."""
        ...

    @property
    def calls(self) -> int:
        """So many calls came whole."""
        ...

    @property
    def over(self) -> bool:
        """Nothing good will follow: it repeats its calls, or has made the only one that was wanted."""
        ...


class Dialect(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def native(self) -> bool:
        """The model's own template knows tools; otherwise it is taught by a short text."""
        ...

    @property
    def thinks(self) -> bool: ...

    def plan(self, request: ChatRequest) -> Plan:
        """BadRequest where the template refuses the conversation."""
        ...

    def least_tokens(self, text: str, most: int) -> int:
        """A prompt that says this text has no fewer; 0 for most texts. `most`: beyond this nobody wants to know."""
        ...

    def scanner(self, request: ChatRequest, plan: Plan, candidate: int) -> Scanner: ...
