"""A model, straight through llama.cpp: many answers to a prompt read once, and how likely a given text is there.

Prompts that begin alike share what they have in common, as they do in the engine.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import llama_cpp as lib
import numpy as np
from localswarm.chat import Sampling
from localswarm.engines.grammar import Constraint, Grammars
from localswarm.engines.llama_cpp.batch import Batch
from localswarm.engines.llama_cpp.logits import LogitsView
from localswarm.engines.llama_cpp.model import Model
from localswarm.engines.llama_cpp.sampler import Sampler
from localswarm.errors import EngineFault
from numpy.typing import NDArray

POOL = 16384  # tokens that all prompts and answers of one question may take together
STEP = 512
SEQUENCES = 96
OUTPUTS = 256  # rows of logits of one step
ALL = -1
# Of each token: its log-probability, and that among the allowed ones.
Scores = list[tuple[float, float | None]]


@dataclass(slots=True)
class Answer:
    """One that is being written behind a prompt."""

    prompt: str
    sampler: Sampler
    limit: int
    scanner: Any = None
    prefix: tuple[int, ...] = ()  # what it begins with, without being asked
    seq: int = -1
    position: int = 0
    pending: list[int] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    text: bytes = b""
    logprobs: list[float] = field(default_factory=list)  # of those that were chosen; forced ones have none
    done: str = ""


class Writer:
    def __init__(self, path: Path, threads: int) -> None:
        self.model = Model(path, 0, lambda _: None)
        params = lib.llama_context_default_params()
        params.n_ctx, params.n_batch, params.n_ubatch = POOL, STEP, STEP
        params.n_seq_max, params.n_outputs_max = SEQUENCES, OUTPUTS
        params.kv_unified, params.swa_full, params.no_perf = True, True, True
        params.n_threads = params.n_threads_batch = threads
        self._context: Any = lib.llama_init_from_model(self.model.handle, params)
        self._memory: Any = lib.llama_get_memory(self._context)
        self._batch = Batch(STEP)
        self._logits = LogitsView(self._context, self.model.vocab_size)
        self.grammars = Grammars(self.model.make_tokenizer)
        self._prompts: dict[str, tuple[int, tuple[int, ...], NDArray[np.float32]]] = {}
        self._free = list(range(SEQUENCES))
        self.read = self.written = 0  # tokens

    def forget(self) -> None:
        lib.llama_memory_clear(self._memory, True)
        self._prompts.clear()
        self._free = list(range(SEQUENCES))

    def prompt(self, name: str, tokens: Sequence[int]) -> None:
        """Read it, from where it differs from those that were read."""
        tokens = tuple(tokens)
        common, source = max(
            ((_common(tokens, other), seq) for seq, other, _ in self._prompts.values()), default=(0, -1)
        )
        common = min(common, len(tokens) - 1)
        seq = self._free.pop()
        if common:
            lib.llama_memory_seq_cp(self._memory, source, seq, 0, common)
        for at in range(common, len(tokens), STEP):
            part = list(tokens[at : min(at + STEP, len(tokens))])
            self._batch.clear()
            index = self._batch.add(seq, part, at, True)
            self._decode()
        self.read += len(tokens) - common
        self._prompts[name] = (seq, tokens, self._logits.row(index).copy())

    def length(self, name: str) -> int:
        return len(self._prompts[name][1])

    def answer(
        self,
        prompt: str,
        sampling: Sampling,
        constraint: Constraint | None,
        at: int,
        scanner: Any,
        prefix: Sequence[int] = (),
    ) -> Answer:
        limit = sampling.max_tokens or 256
        fork = constraint.fork(limit) if constraint else None
        for token in prefix:
            if fork and token not in self.model.end_tokens:
                fork.accept(token)
        return Answer(prompt, Sampler(self.model, sampling, at, POOL, fork), limit, scanner, tuple(prefix))

    def write(self, answers: list[Answer]) -> None:
        """All at once, to their ends."""
        for answer in answers:
            seq, tokens, logits = self._prompts[answer.prompt]
            answer.seq = self._free.pop()
            answer.position = len(tokens)
            lib.llama_memory_seq_cp(self._memory, seq, answer.seq, 0, ALL)
            if answer.prefix:
                self._say(answer, list(answer.prefix))
                self._ended(answer)
            else:
                self._take(answer, logits.copy())
        while running := [answer for answer in answers if not answer.done]:
            self._batch.clear()
            indices = []
            for answer in running:
                indices.append(self._batch.add(answer.seq, answer.pending, answer.position, True))
                answer.position += len(answer.pending)
            self._decode()
            for answer, index in zip(running, indices, strict=True):
                self._take(answer, self._logits.row(index))
        for answer in answers:
            self._drop(answer.seq)
            answer.sampler.close()

    def _take(self, answer: Answer, logits: NDArray[np.float32]) -> None:
        top = float(logits.max())
        total = top + float(np.log(np.exp(logits - top).sum()))
        own = logits.copy()
        token, _ = answer.sampler.next(logits)
        answer.logprobs.append(float(own[token]) - total)
        tokens = [token] if token in self.model.end_tokens else [token, *answer.sampler.forced()]
        self._say(answer, tokens)
        if not answer.done:
            self._ended(answer)

    def _say(self, answer: Answer, tokens: list[int]) -> None:
        answer.pending = tokens
        for one in tokens:
            if one in self.model.end_tokens:
                answer.done = "stop"
                return
            answer.tokens.append(one)
            answer.text += self.model.marked(one)
        self.written += len(tokens)
        if answer.scanner:
            answer.scanner.feed(b"".join(self.model.marked(one) for one in tokens).decode("utf-8", "replace"))

    def _ended(self, answer: Answer) -> None:
        if answer.sampler.finished or (answer.scanner and answer.scanner.over):
            answer.done = answer.sampler.reason
        elif len(answer.tokens) >= answer.limit:
            answer.done = "length"

    def others(self, prompt: str, text: Sequence[int], constraint: Constraint) -> list[tuple[int, int, float]]:
        """Where another token could have come: its place, the token, and how much less likely it was."""
        seq, tokens, logits = self._prompts[prompt]
        fork, own, found = constraint.fork(), self._free.pop(), []
        lib.llama_memory_seq_cp(self._memory, seq, own, 0, ALL)
        self._batch.clear()
        for at, token in enumerate(text[: OUTPUTS - 1]):
            self._batch.add(own, [token], len(tokens) + at, True)
        self._decode()
        for at, token in enumerate(text[:OUTPUTS]):
            row = logits if at == 0 else self._logits.row(at - 1)
            if fork.finished:
                break
            allowed = np.unpackbits(fork.allowed(), bitorder="little")[: len(row)].astype(bool)
            best = np.where(allowed, row[: len(allowed)], -np.inf)
            ended = token in self.model.end_tokens
            best[sorted(self.model.end_tokens) if ended else token] = -np.inf
            other = int(best.argmax())
            if np.isfinite(best[other]):
                found.append((at, other, float(best[other] - row[token])))
            if ended or self._accepted(fork, token) is None:
                break
        self._drop(own)
        return found

    def score(self, prompt: str, texts: Sequence[Sequence[int]], constraint: Constraint | None = None) -> list[Scores]:
        """Log-probability of each token of each text behind the prompt: by itself, and among those that are allowed."""
        seq, tokens, logits = self._prompts[prompt]
        own = self._free.pop()
        lib.llama_memory_seq_cp(self._memory, seq, own, 0, ALL)
        found: dict[int, Scores] = {}
        before: list[int] = []
        scores: Scores = []
        # Side by side those that begin alike are read from where they differ.
        for at in sorted(range(len(texts)), key=lambda one: list(texts[one])):
            text = list(texts[at])
            common = _common(text, before)
            # The last token that they share is read again for what it says of the next.
            kept = max(0, common - 1)
            lib.llama_memory_seq_rm(self._memory, own, len(tokens) + kept, ALL)
            scores = scores[:common]
            found[at] = scores = self._score(own, logits, text, scores, kept, len(tokens), constraint)
            before = text
        self._drop(own)
        return [found[at] for at in range(len(texts))]

    def _score(
        self,
        own: int,
        logits: NDArray[np.float32],
        text: list[int],
        known: Scores,
        kept: int,
        prompt: int,
        constraint: Constraint | None,
    ) -> Scores:
        fork = constraint.fork() if constraint else None
        said = list(known)
        for token in text[: len(said)]:
            fork = self._accepted(fork, token)
        if not said:
            said.append(self._one(logits, text[0], fork))
            fork = self._accepted(fork, text[0])
        for at in range(kept, len(text) - 1, OUTPUTS):
            part = text[at : min(at + OUTPUTS, len(text) - 1)]
            self._batch.clear()
            for offset, token in enumerate(part):
                self._batch.add(own, [token], prompt + at + offset, True)
            self._decode()
            self.read += len(part)
            for offset in range(len(part)):
                if at + offset + 1 == len(said):
                    said.append(self._one(self._logits.row(offset), text[at + offset + 1], fork))
                    fork = self._accepted(fork, text[at + offset + 1])
        return said

    def _one(self, logits: NDArray[np.float32], token: int, fork: Constraint | None) -> tuple[float, float | None]:
        top = float(logits.max())
        weights = np.exp(logits - top)
        raw = float(logits[token]) - top - float(np.log(weights.sum()))
        if fork is None or fork.finished or token in self.model.end_tokens:
            return raw, None
        allowed = np.unpackbits(fork.allowed(), bitorder="little")[: len(logits)]
        mass = float(weights[: len(allowed)][allowed.astype(bool)].sum())
        return raw, float(logits[token]) - top - float(np.log(max(mass, 1e-30)))

    def _accepted(self, fork: Constraint | None, token: int) -> Constraint | None:
        """None: it cannot be followed any further, as an answer that was led to its end."""
        if fork is None or fork.finished or token in self.model.end_tokens:
            return fork
        try:
            fork.accept(token)
        except EngineFault:
            return None
        return fork

    def _drop(self, seq: int) -> None:
        lib.llama_memory_seq_rm(self._memory, seq, -1, -1)
        self._free.append(seq)

    def _decode(self) -> None:
        result = lib.llama_decode(self._context, self._batch.handle)
        if result:
            raise RuntimeError(f"llama_decode: {result}")


def _common(one: Sequence[int], other: Sequence[int]) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
