"""What a model family has of its own: how it writes calls and thoughts. One module in `families/` for each.

Everything else (`dialect.py`, `scanner.py`, `grammar/`) is the same for all of them and is built from this.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..chat import Message, ToolSpec


@dataclass(frozen=True, slots=True)
class Thought:
    """The markers around what a model thinks, as text: `<think>` and `</think>`."""

    opening: str
    closing: str


@dataclass(frozen=True, slots=True)
class CallRules:
    """The form of calls, for the grammar that enforces it, in llguidance's Lark.

    `rules` defines at least `call`: one whole call from its first character to its last, each tool with its own
    arguments. A text in double quotes is literal; a control token is written `<|name|>` without quotes, or
    `<[1234]>` by its id.
    """

    rules: str
    first: str = ""  # an expression before the first call
    between: str = ""  # one between two calls; ignored where only one is allowed
    last: str = ""  # one behind the last call
    several: bool = True  # more than one call in an answer is possible in this form


@dataclass(frozen=True, slots=True)
class Begun:
    """A call begins. The name is checked by the scanner against what was offered."""

    name: str


@dataclass(frozen=True, slots=True)
class Argued:
    """The next characters of the arguments' JSON text."""

    text: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The call is whole."""


@dataclass(frozen=True, slots=True)
class Plain:
    """It was no call after all: text for the user."""

    text: str


CallPart = Begun | Argued | Ended | Plain


class CallReader(Protocol):
    """Reads calls out of text that comes in any pieces, from the trigger's first character on. Never retracts."""

    def feed(self, text: str) -> list[CallPart]: ...

    @property
    def rest(self) -> str | None:
        """None while it reads; then the text behind the calls, which is not its own."""
        ...

    def finish(self) -> list[CallPart]:
        """The answer ended here. Text that never became a call comes back as Plain; a call that was cut off in its
        arguments stays as it is, without Ended."""
        ...


class Family(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def triggers(self) -> tuple[str, ...]:
        """With any of these texts a call begins."""
        ...

    @property
    def special(self) -> bool:
        """Its markers are control tokens, which an engine writes out only when told to."""
        ...

    @property
    def thought(self) -> Thought | None: ...

    def fits(self, template: str) -> bool:
        """Does this chat template write calls in this family's form?"""
        ...

    def turns(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        """The conversation as the family's templates want to see it."""
        ...

    def call_rules(self, tools: Sequence[ToolSpec]) -> CallRules:
        """The schemas of these tools were cleaned and can be enforced as they are."""
        ...

    def reader(self, names: frozenset[str], tools: Sequence[ToolSpec] = ()) -> CallReader:
        """`tools`: where values are written as plain text, only their schemas tell a text from a number."""
        ...
