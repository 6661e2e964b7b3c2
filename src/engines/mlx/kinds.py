"""What the layers of a model keep of a sequence. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attention:
    """Keys and values of every token, of which a beginning can be cut off and shared."""

    window: int = 0  # tokens that it looks back at; 0: all of them


@dataclass(frozen=True, slots=True)
class Recurrent:
    """A state of fixed size, which is that of all tokens read so far and of no others."""

    arrays: int  # that make up the state


Kind = Attention | Recurrent


def has_state(kinds: Sequence[Kind]) -> bool:
    return any(isinstance(kind, Recurrent) for kind in kinds)
