"""What everything above an engine, a peer or an upstream server sees of it."""

from dataclasses import dataclass
from typing import Protocol

from ..chat import Candidate, ChatRequest, Emit


@dataclass(frozen=True, slots=True)
class Served:
    """A model that a member serves now."""

    id: str
    context: int
    trained_context: int
    seats: int
    created: int  # seconds since 1970
    notes: tuple[str, ...] = ()  # what a user of it has to know


@dataclass(frozen=True, slots=True)
class Busy:
    waiting: int
    running: int
    cells_used: int
    cells_cached: int
    cells: int


class Member(Protocol):
    @property
    def name(self) -> str: ...

    def served(self) -> Served:
        """Raises Unavailable (loading, starting again) while it cannot serve."""
        ...

    def busy(self) -> Busy: ...

    async def generate(self, request: ChatRequest, emit: Emit) -> list[Candidate]:
        """Cancelled, it stops at once and frees all that it took."""
        ...
