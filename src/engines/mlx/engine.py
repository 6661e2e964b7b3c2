"""mlx-lm's models as an Engine: one step decodes everybody who writes, together, and reads on in some prompts."""

import time
from collections.abc import Iterable
from collections.abc import Sequence as Listed

import mlx.core as mx
import numpy as np
import psutil
from numpy.typing import NDArray

from ...errors import EngineFault, ModelUnusable, NotSupported
from ..base import Card, EngineOptions, Failure, Job, Load, Outcome, Piece
from ..grammar import Constraint, Grammars
from ..intake import Intake, prompt_tokens, spelled
from ..pace import Pace
from ..saying import last, write
from ..schedule import Schedule, Turn
from ..sequence import Sequence
from ..sizes import sizes
from ..text import Given
from . import limits
from .cells import Cells, Group
from .folder import Folder
from .model import Model, Progress
from .sampler import Sampler
from .states import rounds
from .vocabulary import Vocabulary

# Tokens of all rows of a group in one step, padding included: forced ones of one writer keep the others waiting.
MOST_PADDED = 32

# Of recurrent states: that of a seat, and as much once more while they are computed or others join.
STATES_PER_SEAT = 2
# So many snapshots of them have room beside the pool; more take theirs from it.
SNAPSHOTS = 8

# Of a prompt, between two looks whether its job has left.
LEAST_PIECE = 32

Row = NDArray[np.float32]


class MlxEngine:
    def __init__(self, options: EngineOptions, progress: Progress) -> None:
        if options.kv != "f16":
            raise ModelUnusable(f"The MLX engine keeps keys and values as they are; --kv {options.kv} is not possible.")
        folder = Folder(options.path)
        self._model = Model(folder, progress)
        self._vocabulary = Vocabulary(folder, self._model.vocab_size)
        kv_bytes = self._model.kv_bytes_per_token
        states = self._model.state_bytes * (STATES_PER_SEAT * options.seats + SNAPSHOTS)
        room = limits.free(self._model.weights_bytes) - states
        context, pool = sizes(options, self._model.trained_context, kv_bytes, max(0, room))
        limits.limit(self._model.weights_bytes, pool * kv_bytes + states)
        self._pace = Pace(options.step_tokens)
        snapshot = _as_tokens(self._model.state_bytes, kv_bytes, pool)
        self._cells = Cells(self._model.kinds, pool + SNAPSHOTS * snapshot, snapshot=snapshot)
        self._cell_bytes = kv_bytes or self._model.state_bytes / snapshot
        self._schedule = Schedule(self._cells, options.seats, self._pace, self._cells.cuttable)
        self._grammars = Grammars(self._vocabulary.make_tokenizer)
        self._intake = Intake(self._schedule, self._vocabulary, options.seats, context)
        self._process = psutil.Process()
        # Jobs that are about to be cancelled, told by another thread.
        self._leaving: set[str] = set()
        self._steps = 0
        self.card = self._describe(options, folder, context, pool)

    @property
    def busy(self) -> bool:
        return bool(self._schedule.waiting or self._schedule.running)

    def warm(self) -> None:
        self._grammars.warm()

    def prepare(self, prompt: str | Listed[int], cuts: Listed[int] = ()) -> tuple[int, ...]:
        return prompt_tokens(self._vocabulary, prompt, cuts, self.card.context)

    def compile(self, grammar: str) -> Constraint:
        return self._grammars.compile(grammar)

    def tokenize(self, text: str, special: bool, framed: bool = False, cuts: Listed[int] = ()) -> list[int]:
        return self._vocabulary.tokenize(text, special, framed, cuts)

    def detokenize(self, tokens: Listed[int]) -> str:
        return spelled(self._vocabulary, tokens)

    def embed(self, job_id: str, texts: Listed[tuple[int, ...]]) -> None:
        raise NotSupported("The MLX engine makes no embeddings. Serve this model's GGUF file for them.")

    def submit(self, job: Job) -> None:
        self._intake.take(job, lambda at, constraint: Sampler(self._vocabulary, job.sampling, at, constraint))

    def step(self) -> list[Outcome]:
        turns = self._schedule.next()
        if not turns:
            return []
        begun = time.monotonic()
        short = [turn for turn in turns if self._short(turn)]
        self._read([turn for turn in turns if not self._short(turn)])
        rows = self._decode(short)
        for turn in turns:
            if turn.sequence.read in turn.sequence.marks:
                self._cells.snapshot(turn.sequence)
        self._pace.learn(sum(turn.count for turn in turns), time.monotonic() - begun)
        self._steps += 1
        ready = [(turn.sequence, row) for turn, row in zip(short, rows, strict=True) if turn.sequence.unread == 0]
        # One that fails ends its siblings, of which some may come later in this list.
        return [self._write(sequence, row) for sequence, row in ready if sequence in self._schedule.running]

    def cancel(self, job_id: str) -> None:
        self._leaving.discard(job_id)
        for sequence in self._schedule.of(job_id):
            self._schedule.remove(sequence)

    def finish(self, job_id: str, candidate: int) -> list[Piece]:
        found = [one for one in self._schedule.of(job_id) if one.candidate == candidate]
        return [self._ended(one, last(one, Given(), one.sampler.reason)) for one in found]

    def interrupt(self, job_id: str) -> None:
        self._leaving.add(job_id)

    def load(self) -> Load:
        cached, owned = self._cells.cached, self._cells.owned
        waiting, running = len(self._schedule.waiting), len(self._schedule.running)
        memory = self._process.memory_info().rss + limits.taken() - int(cached * self._cell_bytes)
        return Load(self._steps, waiting, running, owned, cached, self._cells.pool, max(0, memory))

    def close(self) -> None:
        mx.synchronize()

    def _short(self, turn: Turn) -> bool:
        """It writes, or reads the last token of its prompt: that is done together with others."""
        sequence = turn.sequence
        return sequence.writing or not self._cells.reads(sequence) or turn.count == sequence.unread == 1

    def _read(self, turns: Iterable[Turn]) -> None:
        """Parts of prompts, each in a row of its own; nobody asks what comes behind them."""
        for turn in turns:
            end = turn.sequence.read + turn.count
            # MLX cannot be stopped while it computes: what may take long is done in pieces.
            piece = max(LEAST_PIECE, self._pace.aside(beside=False))
            while turn.sequence.read < end and turn.sequence.job.id not in self._leaving:
                self._read_piece(turn.sequence, min(piece, end - turn.sequence.read))

    def _read_piece(self, sequence: Sequence, count: int) -> None:
        rows = self._cells.alone(sequence)
        self._model(mx.array([sequence.tokens[sequence.read : sequence.read + count]]), rows)
        rows.advance([count])
        rows.settle()
        sequence.read += count

    def _decode(self, turns: Listed[Turn]) -> list[Row]:
        """The logits behind the last token of each of these turns."""
        wanted = {turn.sequence: turn for turn in turns}
        found: dict[Sequence, Row] = {}
        for group in self._cells.together(wanted):
            found |= self._decode_group(group, [wanted.get(one) for one in group.members])
        return [found[turn.sequence] for turn in turns]

    def _decode_group(self, group: Group, turns: Listed[Turn | None]) -> dict[Sequence, Row]:
        most = max(1, MOST_PADDED // len(turns))
        counts = [min(turn.count, most) if turn else 0 for turn in turns]
        found: dict[Sequence, Row] = {}
        for taken in [counts] if self._cells.cuttable else rounds(counts):
            found |= self._decode_rows(group, taken)
        return found

    def _decode_rows(self, group: Group, counts: list[int]) -> dict[Sequence, Row]:
        """The logits behind the last of so many tokens of each row that takes any."""
        width = max(counts)
        if not width:
            return {}
        tokens = [_padded(one, count, width) for one, count in zip(group.members, counts, strict=True)]
        logits = self._model(mx.array(tokens), group.rows)
        rows = mx.arange(len(tokens))
        # Logits of a model in 16 bits are too coarse to add probabilities up.
        picked = logits[rows, mx.array([max(0, count - 1) for count in counts])].astype(mx.float32)
        group.rows.advance(counts)
        mx.eval(picked, group.rows.arrays)
        for one, count in zip(group.members, counts, strict=True):
            one.read += count
        return {one: row for one, row, count in zip(group.members, np.array(picked), counts, strict=True) if count}

    def _write(self, sequence: Sequence, row: Row) -> Outcome:
        try:
            piece = write(self._vocabulary, sequence, row)
            return self._ended(sequence, piece) if piece.reason else piece
        except EngineFault as error:
            self.cancel(sequence.job.id)
            return Failure(sequence.job.id, error)

    def _ended(self, sequence: Sequence, piece: Piece) -> Piece:
        self._schedule.remove(sequence)
        return piece

    def _describe(self, options: EngineOptions, folder: Folder, context: int, pool: int) -> Card:
        model, vocabulary = self._model, self._vocabulary
        return Card(
            name=options.name or options.path.name,
            description=model.description,
            context=context,
            trained_context=model.trained_context,
            seats=options.seats,
            pool=pool,
            template=folder.template,
            bos=vocabulary.bos,
            eos=vocabulary.eos,
            weights_bytes=model.weights_bytes,
            kv=options.kv,
            architecture=model.architecture,
            parameters=model.parameters,
            markers=vocabulary.markers,
        )


def _padded(sequence: Sequence, count: int, width: int) -> list[int]:
    return sequence.tokens[sequence.read : sequence.read + count] + [0] * (width - count)


def _as_tokens(state: int, kv: int, pool: int) -> int:
    """What a snapshot counts as. Where tokens take nothing, the pool is one more."""
    return -(-state // kv) if kv else pool
