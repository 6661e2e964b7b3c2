"""The way of one request through the swarm: route, sample, choose."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import anyio

from ..chat import Candidate, ChatRequest, Embedding, Emit, Verdict
from ..errors import ShuttingDown, SwarmError
from . import report
from .acting.acting import Able, Acting
from .continuing import Continuing
from .judging import forms
from .member import Busy, Member, Served, together
from .places import Places
from .routing import (
    SWARM,
    TAG,
    TOOLED,
    TOOLS,
    WHOLE,
    Choice,
    Router,
    Source,
    is_named,
    may_help,
    named,
    present,
    unknown,
    without_tools,
)
from .sampling import Poll
from .seats import Guest, Seats
from .synthesizer import Synthesizer
from .telling import Telling
from .terms import Defaults, terms

# A member that says nothing for so many times as long as is expected, and some seconds, is not counted on.
SILENT_TIMES = 3.0
SILENT_SECONDS = 10.0
# Parameters. Smaller models make the second call with tools before they know what came of the first.
SEVERAL = 4_000_000_000

__all__ = ["SWARM", "TAG", "Swarm", "is_named"]


@dataclass(frozen=True, slots=True)
class Choosing:
    """How one of several answers is chosen. `strength`: of a model, from 0 to 1. `tell`: whoever wants to know of each.
    `synthesis`: what a model is told that writes one answer out of several."""

    defaults: Defaults = field(default_factory=Defaults)
    strength: Callable[[Served], float] = lambda served: 1.0
    tell: Callable[[ChatRequest, Verdict], None] = lambda request, verdict: None
    synthesis: Callable[[], str] = lambda: "{answers}"


class Swarm:
    """`members` are always there; those of `sources` come and go. `node`: the name of this node among others. `acting`:
    with which tools models may act by themselves; each round of such an answer is asked for like any other answer."""

    def __init__(
        self,
        members: Sequence[Member],
        sources: Sequence[Source] = (),
        node: str = "",
        router: Router | None = None,
        choosing: Choosing | None = None,
        acting: Acting | None = None,
    ) -> None:
        self.node = node
        self.acting = acting or Acting()
        self._always = members
        self._sources = sources
        self._router = router or Router()
        self._choosing = choosing or Choosing()
        self._seats = Seats()
        self._draining = False
        self._running = 0
        self._idle = anyio.Event()

    async def answer(self, request: ChatRequest, emit: Emit) -> list[Candidate]:
        self._refuse_when_draining()
        self._running += 1
        try:
            return await self.acting.answer(request, emit, partial(self._seated, emit), self._able)
        finally:
            self._running -= 1
            if self._draining and not self._running:
                self._idle.set()

    async def count(self, request: ChatRequest) -> int:
        shown = await self.acting.shown(request, self._able)
        return await self._route(shown.model).count(shown)

    async def tokenize(self, model: str, text: str, special: bool, framed: bool = False) -> list[int]:
        return await self._route(model).tokenize(text, special, framed)

    async def detokenize(self, model: str, tokens: Sequence[int]) -> str:
        return await self._route(model).detokenize(tokens)

    async def embed(self, model: str, texts: Sequence[str], local_only: bool = False) -> list[Embedding]:
        choices = self._named(model, local_only)
        able = [choice for choice in choices if choice.served.details.embeds]
        return await (able or choices)[0].member.embed(texts)

    def find(self, name: str) -> Served:
        """One of `models`."""
        models = self.models()
        bare = without_tools(name) if self.acting.there else name
        for served in models:
            if is_named(served.id, bare):
                return replace(served, id=f"{served.id}{TOOLS}") if bare != name else served
        raise unknown(name, [served.id for served in models])

    def models(self) -> list[Served]:
        """The swarm under its own names first, then each model under its own, once, with the most room it has."""
        found: dict[str, Served] = {}
        for choice in present(self._members()):
            known = found.get(choice.served.id.lower())
            if known is None or choice.served.context > known.context:
                found[choice.served.id.lower()] = choice.served
        whole = _whole(list(found.values()))
        return [*(replace(whole, id=name) for name in self._whole_names()), *found.values()]

    def busy(self) -> Busy:
        return together([member.busy() for member in self._members()])

    async def drain(self, seconds: float) -> None:
        """Take nothing new, and wait so long for what runs."""
        self._draining = True
        if not self._running:
            return
        with anyio.move_on_after(seconds):
            await self._idle.wait()

    async def _seated(self, client: Emit, request: ChatRequest, emit: Emit) -> list[Candidate]:
        with self._seats.guest() as guest:
            return await self._answer(request, Telling(emit, client), guest)

    async def _answer(self, request: ChatRequest, telling: Telling, guest: Guest) -> list[Candidate]:
        await self._router.read(self._members(), request, self._whole_names())
        choices = self._router.order(self._members(), request)
        asked = terms(request, self._choosing.defaults)
        places = Places(choices, guest, asked.strategy == "auto", self._router.running)
        asking = Continuing(self._router.ask, choices, lambda: self._router.order(self._members(), request), guest.of)
        if asked.alone or (places.only_one and not asked.firm):
            return await self._first_that_can(choices, request, telling, asking, guest)
        self._router.note(request, choices[0].member)
        poll = Poll(
            request,
            asked,
            places,
            asking.ask,
            self._choosing.strength,
            telling.emit,
            partial(self._patience, request),
            asking.go_on,
        )
        try:
            await poll.run()
        except SwarmError as error:
            verdict = poll.undecided(error)
            await telling.fail(verdict)
            self._choosing.tell(request, verdict)
            raise
        self._tell_seams(request, telling, asking, guest)
        if asked.strategy == "synth":
            if written := await self._synthesis(poll, request, telling, asking, guest):
                return [written]
        winner, verdict = await poll.give()
        self._choosing.tell(request, verdict)
        return [winner]

    def _patience(self, request: ChatRequest, choice: Choice) -> float:
        """A long prompt takes its time; somebody who is frozen takes for ever."""
        return SILENT_TIMES * self._router.expected(choice, request).first + SILENT_SECONDS

    async def _synthesis(
        self, poll: Poll, request: ChatRequest, telling: Telling, asking: Continuing, guest: Guest
    ) -> Candidate | None:
        """None where the best of the answers is to be taken as it is."""
        choosing = self._choosing
        synthesizer = Synthesizer(poll, request, choosing.synthesis(), choosing.strength, self._patience, self._seats)
        written = await synthesizer.write(asking, telling)
        if written is None:
            telling.warnings += report.not_written(synthesizer.why)
            return None
        candidate, verdict = written
        self._tell_seams(request, telling, asking, guest)
        await telling.end(verdict)
        choosing.tell(request, verdict)
        return candidate

    async def _first_that_can(
        self, choices: Sequence[Choice], request: ChatRequest, telling: Telling, asking: Continuing, guest: Guest
    ) -> list[Candidate]:
        """What one cannot do another may; where something was said already, only by going on with it."""
        failed: SwarmError | None = None
        for choice in choices:
            if failed and not may_help(choice, failed):
                continue
            self._router.note(request, choice.member)
            begun, seats = anyio.current_time(), guest.several(choice, request.policy.choices)
            try:
                candidates = await asking.go_on(choice, request, telling.but_the_end)
            except SwarmError as error:
                if telling.begun:
                    raise
                failed = error
                for seat in seats:
                    guest.leave(seat)
                continue
            last, before = asking.last or choice, [(guest.of(one.choice), one) for one in asking.begun]
            seconds = anyio.current_time() - begun - sum(one.seconds for one in asking.begun)
            self._tell_seams(request, telling, asking, guest)
            said = await forms(candidates, request)
            names = [guest.of(last)] if before else [guest.name(seat) for seat in seats]
            await telling.end(report.alone(said, candidates, last.served.id, names, seconds, before))
            return candidates
        assert failed, "there is a member, or the router says why not"
        raise failed

    def _tell_seams(self, request: ChatRequest, telling: Telling, asking: Continuing, guest: Guest) -> None:
        """Where others went on with an answer. Who ended it has read this conversation."""
        if asking.begun and asking.last:
            seats = [guest.of(one.choice) for one in asking.begun]
            telling.warnings += report.seams(seats, guest.of(asking.last))
            self._router.note(request, asking.last.member)

    def _able(self, request: ChatRequest) -> Able:
        details = [choice.served.details for choice in self._named(request.model, request.policy.local_only)]
        return Able(
            any(one.calls for one in details),
            any(one.sees for one in details),
            all(0 < one.parameters < SEVERAL for one in details),
        )

    def _members(self) -> list[Member]:
        return [*self._always, *(member for source in self._sources for member in source.members())]

    def _route(self, model: str) -> Member:
        return self._named(model)[0].member

    def _named(self, model: str, local_only: bool = False) -> list[Choice]:
        self._refuse_when_draining()
        return named(self._members(), model, local_only, self._whole_names())

    def _whole_names(self) -> Sequence[str]:
        return (*WHOLE, TOOLED) if self.acting.there else WHOLE

    def _refuse_when_draining(self) -> None:
        if self._draining:
            raise ShuttingDown("This node is shutting down. Send the request again to another one, or later.")


def _whole(models: Sequence[Served]) -> Served:
    """What the swarm can do under its own name: requests that need something go where it is."""
    chatting = [served for served in models if served.details.chats] or models
    most = max(chatting, key=lambda served: served.context)
    sees = any(served.details.sees for served in models)
    embeds = any(served.details.embeds for served in models)
    return replace(most, details=replace(most.details, sees=sees, embeds=embeds))
