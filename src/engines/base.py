"""What every engine is given, what it gives back, and the protocol that it keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from ..chat import Branch, Embedding, Reason, Sampling, TokenLogprob, Usage
from ..errors import SwarmError
from .grammar import Constraint

# How keys and values are kept; smaller ones lose a little precision.
KvType = Literal["f16", "q8_0", "q4_0"]
ALL_LAYERS = -1


@dataclass(frozen=True, slots=True)
class Loan:
    """Devices of another machine. `rooms`: bytes that a model may take of each."""

    endpoint: str  # of llama.cpp's RPC, on loopback
    rooms: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How to load a model. Zero means: the engine decides from the model and the machine."""

    path: Path
    context: int = 0  # tokens of one request, prompt and answer together
    seats: int = 8  # candidates that answer at once
    pool: int = 0  # tokens of KV memory that all seats and the prefix cache share
    threads: int = 0  # at most
    kv: KvType = "f16"
    gpu_layers: int = ALL_LAYERS  # of a model that fits a GPU only in part
    name: str = ""  # under which it is served; otherwise the file's
    stretch: bool = False  # a context may be longer than the model was trained for
    heads: Path | None = None  # where beginnings of prompts are kept over restarts
    aside: int = 512 * 2**20  # bytes that work beside the answers, such as an embedding, may take
    # Tokens of one decode. More does not read faster on a CPU.
    step_tokens: int = 512
    loans: tuple[Loan, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """What was really loaded."""

    name: str
    description: str
    context: int
    trained_context: int
    seats: int
    pool: int
    template: str | None  # the model's own chat template (Jinja)
    bos: str
    eos: str
    weights_bytes: int
    kv: KvType = "f16"
    architecture: str = ""
    parameters: int = 0
    embeds: int = 0  # tokens of one text that it can make a vector of
    # Texts that are one token wherever they stand, with its id: control tokens, and others that look like them. What is
    # missing here can be written by whoever has a word in a prompt.
    markers: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is to be written on, and how."""

    prompt: str | tuple[int, ...]
    grammar: str | None = None  # llguidance's Lark
    special: bool = False  # control tokens are written out as text
    head: int = 0  # characters before the first word of the user
    cuts: tuple[int, ...] = ()  # characters at which it is cut: no token lies across one
    begun: tuple[int, ...] = ()  # tokens that the answer begins with


@dataclass(frozen=True, slots=True)
class Job:
    """One prompt, to be answered by so many candidates."""

    id: str
    tokens: tuple[int, ...]
    candidates: int
    sampling: Sampling
    head: int = 0  # so many tokens at its beginning come before the first word of the user
    constraint: Constraint | None = None  # each candidate gets a copy of its own
    special: bool = False  # control tokens are written out as text
    begun: tuple[int, ...] = ()  # tokens that the answer begins with


@dataclass(frozen=True, slots=True)
class Piece:
    """What one step brought for one candidate; `reason` and `usage` come with its last piece."""

    job: str
    candidate: int
    text: str = ""
    logprobs: tuple[TokenLogprob, ...] = ()
    reason: Reason | None = None
    usage: Usage | None = None
    tokens: int = 0  # so many were written since the last piece
    stop: str = ""  # the stop string that ended it
    shortened: bool = False  # a value in it repeated itself, and was ended by the engine
    # With its last piece, where it was measured: log-probabilities of the tokens that were chosen, and what came near.
    chances: tuple[float, ...] = ()
    branches: tuple[Branch, ...] = ()
    written: tuple[int, ...] = ()  # the tokens themselves, where they are traced


@dataclass(frozen=True, slots=True)
class Failure:
    """One job cannot go on; all its candidates are ended."""

    job: str
    error: SwarmError


@dataclass(frozen=True, slots=True)
class Embedded:
    """The vector of the next text of one request."""

    job: str
    embedding: Embedding
    last: bool


Outcome = Piece | Failure | Embedded


@dataclass(frozen=True, slots=True)
class Load:
    """How busy an engine is, as of its last step."""

    steps: int = 0
    waiting: int = 0
    running: int = 0
    cells_used: int = 0  # held by running candidates
    cells_cached: int = 0  # held by the prefix cache alone
    cells: int = 0
    memory: int = 0  # bytes of main memory that the engine's process takes, without what a full one could give back


class Engine(Protocol):
    """One thread calls everything but `prepare`, `compile`, `tokenize`, `detokenize` and `interrupt`, which any thread
    may call at any time."""

    @property
    def card(self) -> Card: ...

    @property
    def busy(self) -> bool:
        """Is there anything to step for?"""
        ...

    def warm(self) -> None:
        """Make what the first grammar would have to wait for."""
        ...

    def prepare(self, prompt: str | Sequence[int], cuts: Sequence[int] = ()) -> tuple[int, ...]:
        """The prompt's tokens; ContextOverflow where no answer would fit behind them. Markers in a text become the
        tokens that they stand for, and none does across a cut."""
        ...

    def compile(self, grammar: str) -> Constraint:
        """BadRequest where the grammar is none."""
        ...

    def tokenize(self, text: str, special: bool, framed: bool = False, cuts: Sequence[int] = ()) -> list[int]:
        """`special`: markers become the tokens that they stand for. `framed`: with the tokens that the model puts
        before a text, and some behind it."""
        ...

    def detokenize(self, tokens: Sequence[int]) -> str: ...

    def submit(self, job: Job) -> None: ...

    def embed(self, job_id: str, texts: Sequence[tuple[int, ...]]) -> None:
        """The vectors come out of a later step."""
        ...

    def step(self) -> list[Outcome]: ...

    def cancel(self, job_id: str) -> None: ...

    def finish(self, job_id: str, candidate: int) -> list[Piece]:
        """Somebody above has seen the end of this candidate's answer: its last piece, as if it had ended by itself."""
        ...

    def interrupt(self, job_id: str) -> None:
        """Cut a running step short if it works only for this job, which is about to be cancelled."""
        ...

    def load(self) -> Load: ...

    def close(self) -> None: ...
