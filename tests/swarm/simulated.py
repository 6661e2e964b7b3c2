"""Members that only reckon, on a clock that leaps from one thing that happens to the next."""

import asyncio
import copy
import selectors
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from localswarm.chat import Accepted, Candidate, ChatRequest, Emit, Finished, Message, Text, TextDelta, Usage
from localswarm.swarm.affinity import Piece, Record, cut
from localswarm.swarm.member import Busy, Details, Served

from .scripted import ScriptedMember

T = TypeVar("T")
TICK = 0.1
# What one more beside it costs an answer; the router believes something else.
CROWD = 0.3


class _Leaping(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        assert timeout is not None, "somebody waits for what never comes"
        self.now += max(timeout, 0.0)
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._leaping = _Leaping()
        super().__init__(self._leaping)

    def time(self) -> float:
        return self._leaping.now


def run(main: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(main)


def now() -> float:
    return asyncio.get_running_loop().time()


@dataclass(eq=False)
class Job:
    pieces: tuple[Piece, ...]
    answer: int
    unread: float | None = None  # None: it has not begun to be read
    left: float = 0.0
    cached: int = 0

    @property
    def tokens(self) -> int:
        return sum(piece.tokens for piece in self.pieces)


@dataclass
class Engine:
    """Prompts are read one after the other, answers written together."""

    reading: float
    writing: float
    seats: int
    room: int
    jobs: list[Job] = field(default_factory=list)
    cache: Record = field(default_factory=Record)

    def step(self) -> list[Job]:
        """Those that have ended."""
        seated = self.jobs[: self.seats]
        budget = self.reading * TICK
        for job in seated:
            if job.unread is None and budget > 0:
                job.cached = min(self.cache.known(job.pieces), job.tokens - 1)
                job.unread, job.left = float(job.tokens - job.cached), float(job.answer)
            if job.unread:
                part = min(budget, job.unread)
                job.unread, budget = job.unread - part, budget - part
                if not job.unread:
                    self.cache.read(job.pieces, self.room)
        writers = [job for job in seated if job.unread == 0]
        for job in writers:
            job.left -= self.writing * TICK / (1 + CROWD * (len(writers) - 1))
        ended = [job for job in writers if job.left <= 0]
        self.jobs = [job for job in self.jobs if job not in ended]
        return ended

    def seconds(self, job: Job) -> float:
        """When it would end this one too, if nothing more came."""
        engine, mine = copy.deepcopy((self, job))
        engine.jobs.append(mine)
        ticks = 1
        while mine not in engine.step():
            ticks += 1
        return ticks * TICK


class Simulated(ScriptedMember):
    def __init__(
        self, name: str, reading: float, writing: float, *, seats: int = 4, room: int = 40_000, **told: Any
    ) -> None:
        """`told`: what is known of it beforehand."""
        super().__init__()
        self.name = name
        self.engine = Engine(reading, writing, seats, room)
        self.answers = 0
        details = Details(parameters=7 * 10**9, **told)
        self._served = Served("m", 32768, 32768, seats, 0, (), details)
        self._ends: dict[Job, tuple[asyncio.Event, asyncio.Event]] = {}

    def served(self) -> Served:
        return self._served

    def busy(self) -> Busy:
        running = min(len(self.engine.jobs), self.engine.seats)
        return Busy(len(self.engine.jobs) - running, running, 0, 0, self.engine.room)

    async def run(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            ended = self.engine.step()
            for job, (first, end) in list(self._ends.items()):
                if job.unread == 0:
                    first.set()
                if job in ended:
                    end.set()

    async def generate(self, request: ChatRequest, emit: Emit) -> list[Candidate]:
        job = job_of(request)
        self.answers += 1
        self.engine.jobs.append(job)
        first, end = self._ends[job] = asyncio.Event(), asyncio.Event()
        try:
            await emit(Accepted(job.tokens))
            await first.wait()
            await emit(TextDelta("..."))
            await end.wait()
        finally:
            del self._ends[job]
            self.engine.jobs = [one for one in self.engine.jobs if one is not job]
        usage = Usage(job.tokens, job.answer, job.cached)
        await emit(Finished("stop", usage))
        return [Candidate(self.name, Message("assistant", (Text("..."),)), "stop", usage)]


def job_of(request: ChatRequest) -> Job:
    """How long the answer is going to be stands in the request's id, where no router looks."""
    return Job(cut(request), int(request.id.rpartition("/")[2]))
