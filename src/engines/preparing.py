"""Work of the engine process that is not the engine thread's: texts become tokens, grammars become automata.

Jobs and questions (how many tokens are these?) are prepared by a thread each: a question may be a huge text, and no job
waits behind it.
"""

import logging
import queue
import threading
from collections.abc import Callable, Sequence

from ..errors import BadRequest, ContextOverflow, EngineFault, SwarmError
from . import frames
from .base import Engine, Job
from .beginning import common_length
from .frames import Frame
from .pieces import before_markers, pieces

LOG = logging.getLogger(__name__)
JOBS = ("submit", "embed")
QUESTIONS = ("tokenize", "detokenize")
# llama.cpp takes the square of their number in time: these take about three seconds.
MOST_MARKERS = 25_000
# These about a fiftieth of a second.
MARKERS_AT_ONCE = 2_000
# Nobody else is served while they are counted.
MOST_COUNTED = 200_000
# Of which the tokens are still known.
MOST_HEADS = 8

Say = Callable[[Frame], None]


class Preparing:
    def __init__(self, send: Say, pass_on: Say) -> None:
        """`pass_on`: a job that is prepared, for the engine's thread."""
        self._send = send
        self._pass_on = pass_on
        self._open: set[str] = set()
        self._lock = threading.Lock()
        self._jobs: queue.SimpleQueue[Frame] = queue.SimpleQueue()
        self._questions: queue.SimpleQueue[Frame] = queue.SimpleQueue()
        # The last used at the end; only the thread of the jobs sees them.
        self._heads: dict[tuple[str, tuple[int, ...]], tuple[int, ...]] = {}

    def start(self, engine: Engine) -> None:
        for waiting in (self._jobs, self._questions):
            threading.Thread(target=self._work, args=(engine, waiting), daemon=True).start()
        self._questions.put({"do": "warm", "id": ""})

    def take(self, command: Frame) -> None:
        self._open.add(command["id"])
        (self._jobs if command["do"] in JOBS else self._questions).put(command)

    def forget(self, name: str) -> bool:
        """Cancelled. False: it is prepared already, and the engine has to be told."""
        with self._lock:
            known = name in self._open
            self._open.discard(name)
            return known

    def _work(self, engine: Engine, waiting: "queue.SimpleQueue[Frame]") -> None:
        while True:
            command = waiting.get()
            name = command["id"]
            if name and name not in self._open:
                continue
            try:
                self._do(engine, command)
            except SwarmError as error:
                self._refuse(name, error)
            except Exception as error:  # this thread supervises itself: without it no prompt is ever read again
                LOG.exception("A prompt could not be prepared")
                self._refuse(name, EngineFault(f"This text could not be prepared for the model ({error})."))

    def _do(self, engine: Engine, command: Frame) -> None:
        word, name = command["do"], command["id"]
        if word == "warm":
            engine.warm()
        elif word == "submit":
            self._prepared(name, {"do": "submit", "job": self._job(engine, command)})
        elif word == "embed":
            self._prepared(name, command | {"texts": [_embeddable(engine, text) for text in command["texts"]]})
        elif word == "tokenize":
            text, cuts = command["text"], _bearable(engine, command)
            text = _countable(engine, text, cuts)
            self._answer(name, engine.tokenize(text, command["special"], command["framed"], cuts))
        else:
            self._answer(name, engine.detokenize(command["tokens"]))

    def _job(self, engine: Engine, command: Frame) -> Job:
        prompt, grammar, cuts, head = (command[key] for key in ("prompt", "grammar", "cuts", "head"))
        tokens = engine.prepare(prompt, cuts)
        return Job(
            command["id"],
            tokens,
            command["candidates"],
            frames.sampling_from_wire(command["sampling"]),
            common_length(tokens, self._head(engine, prompt[:head], cuts)) if head else 0,
            engine.compile(grammar) if grammar else None,
            command["special"],
            engine.prepare(command["begun"]) if command["begun"] else (),
        )

    def _head(self, engine: Engine, text: str, cuts: Sequence[int]) -> tuple[int, ...]:
        """An agent sends the same beginning with each of its requests."""
        name = text, tuple(cut for cut in cuts if cut < len(text))
        tokens = self._heads.pop(name, ()) or engine.prepare(*name)
        self._heads[name] = tokens
        if len(self._heads) > MOST_HEADS:
            del self._heads[next(iter(self._heads))]
        return tokens

    def _prepared(self, name: str, command: Frame) -> None:
        with self._lock:
            if name in self._open:
                self._open.discard(name)
                self._pass_on(command)

    def _answer(self, name: str, whole: list[int] | str) -> None:
        if self.forget(name):
            for frame in frames.in_parts(name, whole):
                self._send(frame)

    def _refuse(self, name: str, error: SwarmError) -> None:
        if self.forget(name):
            self._send(frames.refusal(name, error))


def _embeddable(engine: Engine, text: str) -> tuple[int, ...]:
    tokens = engine.tokenize(_countable(engine, text), False)
    if len(tokens) > engine.card.embeds:
        raise ContextOverflow(len(tokens), engine.card.embeds)
    # A text without a token has no last one to look at.
    return tuple(tokens) or engine.prepare("")


def _bearable(engine: Engine, command: Frame) -> list[int]:
    """The cuts, and more of them in a prompt of very many messages: each has markers, and counts all the same."""
    text, cuts = command["text"], command["cuts"]
    if not command["special"] or len(text) <= MOST_MARKERS:
        return list(cuts)
    more = before_markers(text, (marker for marker, _ in engine.card.markers), MARKERS_AT_ONCE)
    if len(more) >= MOST_COUNTED // MARKERS_AT_ONCE:
        raise _too_many(MOST_COUNTED)
    return [*cuts, *more]


def _countable(engine: Engine, text: str, cuts: Sequence[int] = ()) -> str:
    # Some models have thousands of markers; counting them in every short text would take longer than reading it.
    for piece in pieces(text, cuts):
        long = len(piece) > MOST_MARKERS
        if long and sum(piece.count(marker) for marker, _ in engine.card.markers) > MOST_MARKERS:
            raise _too_many(MOST_MARKERS)
    return text


def _too_many(most: int) -> BadRequest:
    return BadRequest(f"A text may hold at most {most} control markers of the model.")
