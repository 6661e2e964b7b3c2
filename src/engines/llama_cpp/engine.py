"""llama.cpp as an Engine: one step is one decode over everybody who reads or writes."""

import os
import time
from collections.abc import Sequence as Listed

import llama_cpp as lib
import psutil

from ...errors import EngineFault
from ..base import Card, EngineOptions, Failure, Job, Load, Outcome, Piece
from ..grammar import Constraint, Grammars
from ..intake import Intake, prompt_tokens, spelled
from ..pace import Pace
from ..saying import last, write
from ..schedule import Schedule, Turn
from ..sequence import Sequence
from ..text import Given
from .abort import AbortSwitch
from .batch import Batch
from .cells import Cells
from .context import Context, open_context
from .embedder import Embedder
from .heads import open_heads
from .logits import LogitsView
from .model import Model, Progress
from .sampler import Sampler
from .shelf import Shelf
from .threads import Threads

DECODED, NO_ROOM, ABORTED, FAILED = 0, 1, 2, -1


class LlamaEngine:
    def __init__(self, options: EngineOptions, progress: Progress) -> None:
        self._model = Model(options.path, options.gpu_layers, progress, options.loans)
        self._context: Context = open_context(self._model, options)
        self._batch = Batch(self._context.batch)
        self._pace = Pace(self._context.batch)
        shelf = Shelf(self._context.shelf)
        heads = open_heads(options)
        self._cells = Cells(self._context.memory, self._context.pool, self._context.sequences, shelf, heads)
        self._schedule = Schedule(self._cells, options.seats, self._pace, self._context.memory.cuttable)
        self._threads = Threads(options.threads or os.cpu_count() or 1)
        self._threads_used = 0
        self._intake = Intake(self._schedule, self._model, options.seats, self._context.context)
        self._process = psutil.Process()
        self._steps = 0
        self._failed = False
        self._abort = AbortSwitch(self._context.handle)
        self._logits = LogitsView(self._context.handle, self._model.vocab_size)
        self._grammars = Grammars(self._model.make_tokenizer)
        self._embedder = Embedder(self._model, options)
        self.card = self._describe(options)

    @property
    def busy(self) -> bool:
        return bool(self._schedule.waiting or self._schedule.running or self._embedder.busy)

    def warm(self) -> None:
        self._grammars.warm()

    def prepare(self, prompt: str | Listed[int], cuts: Listed[int] = ()) -> tuple[int, ...]:
        return prompt_tokens(self._model, prompt, cuts, self.card.context)

    def compile(self, grammar: str) -> Constraint:
        return self._grammars.compile(grammar)

    def tokenize(self, text: str, special: bool, framed: bool = False, cuts: Listed[int] = ()) -> list[int]:
        return self._model.tokenize(text, special, framed, cuts)

    def detokenize(self, tokens: Listed[int]) -> str:
        return spelled(self._model, tokens)

    def embed(self, job_id: str, texts: Listed[tuple[int, ...]]) -> None:
        self._embedder.add(job_id, texts)

    def submit(self, job: Job) -> None:
        context = self.card.context
        self._intake.take(job, lambda at, constraint: Sampler(self._model, job.sampling, at, context, constraint))

    def step(self) -> list[Outcome]:
        outcomes = self._step()
        if self._embedder.busy:
            outcomes += self._embedder.step(self._pace.aside(bool(self._schedule.running)))
        return outcomes

    def _step(self) -> list[Outcome]:
        turns = self._schedule.next()
        if not turns:
            return []
        self._cells.make_way(sum(turn.count for turn in turns))
        indices = self._fill(turns)
        if not self._decode(turns):
            return []
        self._steps += 1
        for turn in turns:
            self._advance(turn)
        ready = [(turn.sequence, at) for turn, at in zip(turns, indices, strict=True) if turn.sequence.unread == 0]
        # One that fails ends its siblings, of which some may come later in this list.
        return [self._write(sequence, at) for sequence, at in ready if sequence in self._schedule.running]

    def cancel(self, job_id: str) -> None:
        self._embedder.cancel(job_id)
        for sequence in self._schedule.of(job_id):
            self._end(sequence)

    def finish(self, job_id: str, candidate: int) -> list[Piece]:
        found = [one for one in self._schedule.of(job_id) if one.candidate == candidate]
        return [self._ended(one, last(one, Given(), one.sampler.reason)) for one in found]

    def interrupt(self, job_id: str) -> None:
        # States are moved inside the graph: cut short, it would leave them wrong even for those without a turn.
        if self._context.memory.cuttable:
            self._abort.ask(job_id)

    def load(self) -> Load:
        owned = self._cells.owned
        waiting, running = len(self._schedule.waiting), len(self._schedule.running)
        memory = self._process.memory_info().rss - self._cells.shelved_bytes
        return Load(self._steps, waiting, running, owned, self._cells.used - owned, self._cells.pool, memory)

    def close(self) -> None:
        for sequence in [*self._schedule.running, *self._schedule.waiting]:
            sequence.sampler.close()
        self._cells.close()
        self._embedder.close()
        self._batch.close()
        self._context.close()
        self._model.close()

    def _fill(self, turns: list[Turn]) -> list[int]:
        self._batch.clear()
        indices = []
        for turn in turns:
            sequence, end = turn.sequence, turn.sequence.read + turn.count
            tokens = sequence.tokens[sequence.read : end]
            indices.append(self._batch.add(sequence.seq, tokens, sequence.read, end == len(sequence.tokens)))
        return indices

    def _decode(self, turns: list[Turn]) -> bool:
        tokens = sum(turn.count for turn in turns)
        self._use_threads(self._threads.choose(tokens))
        begun = time.monotonic()
        with self._abort.watching({turn.sequence.job.id for turn in turns}):
            result = lib.llama_decode(self._context.handle, self._batch.handle)
            lib.llama_synchronize(self._context.handle)
        if result == FAILED and not self._failed:
            # Memory with a window can find itself inconsistent; whoever was in the step reads again.
            self._failed = True
            self._start_over(turns)
            return False
        if result == DECODED:
            self._failed = False
            seconds = time.monotonic() - begun
            self._pace.learn(tokens, seconds)
            self._threads.learn(tokens, seconds)
            return True
        if result < 0 or result > ABORTED:
            raise EngineFault(f"llama_decode failed with {result}.")
        self._undo(turns)
        if result == NO_ROOM:
            self._find_room()
        return False

    def _use_threads(self, count: int) -> None:
        """Only when it changes: llama.cpp writes a line to its log each time."""
        if count != self._threads_used:
            self._threads_used = count
            lib.llama_set_n_threads(self._context.handle, count, count)

    def _undo(self, turns: list[Turn]) -> None:
        for turn in turns:
            if not self._cells.rewind(turn.sequence):
                self._schedule.lose(turn.sequence)

    def _start_over(self, turns: list[Turn]) -> None:
        for turn in turns:
            self._schedule.lose(turn.sequence)
        self._cells.clear_cache()

    def _find_room(self) -> None:
        """llama.cpp found no cells where our count says that there are some: give up the cache, then the youngest."""
        if self._cells.cached:
            self._cells.clear_cache()
        elif not self._schedule.give_way():
            raise EngineFault("The KV memory is too small for one request.")

    def _advance(self, turn: Turn) -> None:
        sequence = turn.sequence
        sequence.read += turn.count
        self._cells.publish(sequence)
        if not self._context.memory.cuttable and sequence.read in sequence.marks:
            self._cells.snapshot(sequence)
            self._cells.keep_head(sequence)

    def _write(self, sequence: Sequence, index: int) -> Outcome:
        try:
            piece = write(self._model, sequence, self._logits.row(index))
            return self._ended(sequence, piece) if piece.reason else piece
        except EngineFault as error:
            self.cancel(sequence.job.id)
            return Failure(sequence.job.id, error)

    def _ended(self, sequence: Sequence, piece: Piece) -> Piece:
        self._cells.keep_head(sequence)
        self._end(sequence)
        return piece

    def _end(self, sequence: Sequence) -> None:
        self._schedule.remove(sequence)
        sequence.sampler.close()

    def _describe(self, options: EngineOptions) -> Card:
        model = self._model
        return Card(
            name=options.name or options.path.stem,
            description=model.description,
            context=self._context.context,
            trained_context=model.trained_context,
            seats=options.seats,
            pool=self._context.pool,
            template=model.template,
            bos=model.bos,
            eos=model.eos,
            weights_bytes=model.weights_bytes,
            kv=options.kv,
            architecture=model.architecture,
            parameters=model.parameters,
            embeds=self._embedder.limit,
            markers=model.markers,
        )
