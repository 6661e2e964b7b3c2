"""What members have to do and how they do it, learnt from every answer that passes.

Everything that is asked of a member goes through `ask`; `expect` tells when it would be done with one more.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

import anyio

from ..chat import Accepted, Candidate, ChatRequest, Chosen, Emit, Event, Finished, Usage
from ..errors import SwarmError
from .affinity import ROOM, Piece, Record, cut, is_large
from .estimate import Expected, Load, expected
from .figures import UNKNOWN, Figures, Heard, Lengths, Speeds, crowd
from .member import Busy, Member, Served

# Members come and go with their servers; those that were asked least recently are forgotten.
MEMBERS = 256
# A difference of fewer tokens between what was believed to be cached and what was says nothing.
LEAST_MISTAKE = 512
# Hardly more: each that is tried for it, and is slow, costs somebody his time.
HOPE = 1.15


@dataclass(slots=True, eq=False)
class Errand:
    """One request at one member. Times are the clock's."""

    begun: float
    unread: int
    cached: int  # as was believed
    before: int
    others: int
    queued: bool
    first: float | None = None
    usage: Usage | None = None


@dataclass(slots=True)
class Known:
    """Of one member."""

    record: Record = field(default_factory=Record)
    figures: Figures = field(default_factory=Figures)
    errands: list[Errand] = field(default_factory=list)
    tells: bool = False  # how much it had cached
    heard: float = 0.0  # when it last began an answer

    def unread(self, now: float, reading: float) -> float:
        """Tokens that it has still to read. Nobody tells how far it is: it is reckoned from its speed."""
        waiting = [errand for errand in self.errands if errand.first is None]
        if not waiting:
            return 0.0
        since = max(self.heard, min(errand.begun for errand in waiting))
        first = min(waiting, key=lambda errand: errand.begun)
        return sum(errand.unread for errand in waiting) - min((now - since) * reading, first.unread)

    def written(self, now: float, writing: float) -> tuple[float, ...]:
        """Tokens of each answer that it has begun, reckoned likewise."""
        slowed = writing / crowd(len(self.errands) - 1)
        return tuple(0.0 if errand.first is None else (now - errand.first) * slowed for errand in self.errands)


class Traffic:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._anybody = Figures()
        self._lengths = Lengths()
        self._cut: tuple[ChatRequest, tuple[Piece, ...]] | None = None
        self._running = 0
        self._ended = clock()
        self._begun = anyio.Event()

    @property
    def quiet(self) -> float:
        """Seconds since the last answer ended; 0 while one is given."""
        return 0.0 if self._running else self._clock() - self._ended

    async def stirred(self) -> None:
        """Returns when something is asked."""
        await self._begun.wait()

    async def read(self, request: ChatRequest) -> None:
        """What is reckoned from a prompt is found out beside the thread that serves, where it takes long."""
        if is_large(request):
            self._cut = request, await anyio.to_thread.run_sync(cut, request)

    def running(self, member: Member) -> int:
        return _running(member.busy(), self._known.get(member.name) or Known())

    def expect(self, member: Member, served: Served, request: ChatRequest) -> Expected:
        known, now = self._of(member.name), self._clock()
        pieces = self._pieces(request)
        cached = known.record.known(pieces)
        unread = sum(piece.tokens for piece in pieces) - cached
        answer = self._lengths.expected(now, bool(request.tools), request.sampling.max_tokens)
        speeds = self._speeds(known, served, now)
        own = max(0, cached - pieces[0].tokens) if pieces else 0
        return expected(speeds, _load(member, served, known, speeds, now), unread, own, answer)

    async def ask(self, member: Member, served: Served, request: ChatRequest, emit: Emit) -> list[Candidate]:
        """Its answer; what it says on the way goes to `emit`."""
        errand = self._begin(member, served, request)

        async def hear(event: Event) -> None:
            self._hear(member, errand, event)
            await emit(event)

        try:
            found = await member.generate(request, hear)
            self._learn(member, served, request, errand)
            return found
        except anyio.get_cancelled_exc_class():
            self._learn_of_silence(member, served, errand)
            raise
        except SwarmError as error:
            if error.status >= 500:
                self._of(member.name).record.forget()
            raise
        finally:
            self._end(member, errand)

    def _begin(self, member: Member, served: Served, request: ChatRequest) -> Errand:
        known, pieces, now = self._of(member.name), self._pieces(request), self._clock()
        load = _load(member, served, known, self._speeds(known, served, now), now)
        cached = known.record.known(pieces)
        unread = sum(piece.tokens for piece in pieces) - cached
        errand = Errand(now, unread, cached, round(load.reading), load.others, not load.free)
        known.errands.append(errand)
        # From now on: whoever comes with the same beginning waits for it there, instead of reading it again elsewhere.
        known.record.read(pieces, member.busy().cells or ROOM)
        self._running += 1
        self._begun.set()
        return errand

    def _hear(self, member: Member, errand: Errand, event: Event) -> None:
        match event:
            case Finished(usage=usage, candidate=0):
                errand.usage = usage
            case Accepted() | Chosen():
                return
        if errand.first is None:
            errand.first = self._of(member.name).heard = self._clock()

    def _learn(self, member: Member, served: Served, request: ChatRequest, errand: Errand) -> None:
        if errand.first is None or (usage := errand.usage) is None:
            return
        now, known = self._clock(), self._of(member.name)
        beside = (errand.others + len(known.errands) - 1) / 2
        heard = Heard(
            errand.first - errand.begun,
            now - errand.first,
            max(0, usage.prompt - usage.cached),
            usage.completion - (len(request.begun.tokens) if request.begun else 0),
            errand.before,
            min(beside, served.seats - 1.0),
            errand.queued,
        )
        known.figures.hear(now, heard, self._expected(served, now))
        self._anybody.hear(now, heard, UNKNOWN)
        self._lengths.add(now, bool(request.tools), usage.completion)
        known.tells = known.tells or usage.cached > 0
        if known.tells and errand.cached > LEAST_MISTAKE and usage.cached < errand.cached / 2:
            # It had forgotten more than was believed: what else is believed of it is worth no more.
            known.record.forget()
            known.record.read(self._pieces(request), member.busy().cells or ROOM)

    def _learn_of_silence(self, member: Member, served: Served, errand: Errand) -> None:
        """Whoever is always given up before its first word would else count as fast for ever."""
        now, known = self._clock(), self._of(member.name)
        silent, figures = now - errand.begun, known.figures
        if errand.first is None and silent > 0:
            heard = Heard(silent, 0.0, errand.unread, 0, errand.before, errand.others, errand.queued)
            if (heard.read + heard.before) / silent < self._speeds(known, served, now).reading:
                figures.hear(now, heard, self._expected(served, now))

    def _end(self, member: Member, errand: Errand) -> None:
        self._of(member.name).errands.remove(errand)
        self._running -= 1
        self._ended = self._clock()
        if not self._running:
            self._begun = anyio.Event()
            self._cut = None

    def _speeds(self, known: Known, served: Served, now: float) -> Speeds:
        return known.figures.speeds(now, self._expected(served, now))

    def _expected(self, served: Served, now: float) -> Speeds:
        """Of whom nothing is known is believed to be quicker than the others: else nobody would ever find out."""
        details, others = served.details, self._anybody.speeds(now, UNKNOWN)
        reading, writing = HOPE * others.reading, HOPE * others.writing
        return Speeds(details.reads or reading, details.writes or writing, UNKNOWN.delay)

    def _of(self, name: str) -> Known:
        known = self._known.setdefault(name, Known())
        self._known.move_to_end(name)
        if len(self._known) > MEMBERS:
            idle = next((one for one, each in self._known.items() if not each.errands and one != name), None)
            if idle is not None:
                del self._known[idle]
        return known

    def _pieces(self, request: ChatRequest) -> tuple[Piece, ...]:
        """The candidates of one request have the same prompt, which may be megabytes long."""
        if self._cut is None or not _same_prompt(self._cut[0], request):
            self._cut = request, cut(request)
        return self._cut[1]


def _same_prompt(one: ChatRequest, other: ChatRequest) -> bool:
    return one.messages is other.messages and one.tools is other.tools and one.raw is other.raw


def _running(busy: Busy, known: Known) -> int:
    """What it tells of itself comes late."""
    return max(busy.running + busy.waiting, len(known.errands))


def _load(member: Member, served: Served, known: Known, speeds: Speeds, now: float) -> Load:
    busy = member.busy()
    others = _running(busy, known)
    unread, written = known.unread(now, speeds.reading), known.written(now, speeds.writing)
    return Load(others, served.seats, unread, written, busy.waiting > 0)
