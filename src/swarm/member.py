"""What everything above an engine, a peer or an upstream server sees of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ..chat import Candidate, ChatRequest, Embedding, Emit


@dataclass(frozen=True, slots=True)
class Served:
    """A model that a member serves now."""

    id: str
    context: int
    trained_context: int
    seats: int
    created: int  # seconds since 1970
    notes: tuple[str, ...] = ()  # what a user of it has to know
    details: "Details" = field(default_factory=lambda: Details())
    local: bool = True  # on this node, and not at another server


@dataclass(frozen=True, slots=True)
class Details:
    """What some clients ask of a model before they use it. Empty where it is not known."""

    family: str = ""  # architecture as in the GGUF file: llama, qwen2 ...
    quant: str = ""
    bytes: int = 0
    parameters: int = 0
    dialect: str = ""  # in which form it calls tools
    tool_grade: str = (
        ""  # native | taught | none: the model's own tool template, our text, or tools are not shown to it
    )
    thinks: bool = False
    sees: bool = False
    embeds: bool = True
    chats: bool = True  # False: it makes nothing but embeddings
    continues: bool = False  # it tells the tokens that it writes, and goes on behind those of another
    template: str = ""
    bos: str = ""
    eos: str = ""
    digest: str = ""  # sha256 of the file where it is known
    # What is expected before anything is measured: tokens per second that one answer alone is read and written with,
    # and how good the answers are, from 0 to 1. 0: nothing is.
    reads: float = 0.0
    writes: float = 0.0
    strength: float = 0.0

    @property
    def calls(self) -> bool:
        """Tools can be given to it."""
        return self.tool_grade != "none"


@dataclass(frozen=True, slots=True)
class Busy:
    waiting: int
    running: int
    cells_used: int
    cells_cached: int
    cells: int


def together(every: Sequence[Busy]) -> Busy:
    return Busy(
        sum(one.waiting for one in every),
        sum(one.running for one in every),
        sum(one.cells_used for one in every),
        sum(one.cells_cached for one in every),
        sum(one.cells for one in every),
    )


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

    async def count(self, request: ChatRequest) -> int:
        """The tokens that its prompt would have."""
        ...

    async def tokenize(self, text: str, special: bool, framed: bool = False) -> list[int]:
        """`special`: markers in the text become the single tokens that they stand for. `framed`: with the tokens that
        the model puts before a text, and some behind it."""
        ...

    async def detokenize(self, tokens: Sequence[int]) -> str: ...

    async def embed(self, texts: Sequence[str]) -> list[Embedding]: ...
