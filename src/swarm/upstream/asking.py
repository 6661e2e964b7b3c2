"""One request to one server: asked, asked again without what it does not take, and read to its end.

Until its first word an answer can still be asked for again, here or elsewhere; after it, what goes wrong is an error.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import anyio

from ...chat import Accepted, Candidate, ChatRequest, Emit, Event
from ...errors import SwarmError, UpstreamFault
from . import body as bodies
from . import learnt as lessons
from . import refusals
from . import wish as wishes
from .http import Disconnected, Http, Refused
from .joined import joined
from .learnt import Learnt
from .reading import Reading
from .refusals import Misfit, WrongAddress

# Some clients give up when they hear nothing for 120 seconds, while a slow server reads a long prompt.
PATIENCE_SECONDS = 30.0
# A connection that was closed just now, a server that stumbled: once more, and then it is another's turn.
TRIES = 2
PAUSE_SECONDS = 0.2
# Each refusal can name one more field; none names as many.
LESSONS = 12
CHAT, TEXT = "/chat/completions", "/completions"


@dataclass(frozen=True, slots=True)
class Model:
    """One that a server has: how it is named there and here, and the context that it is known to have (0: unknown)."""

    name: str
    id: str
    context: int
    is_ours: bool = False  # at a node like this one: it must not lead the request on


class Telling:
    """What goes to our client. Accepted goes first and once; then the answer has begun when anything is said."""

    def __init__(self, emit: Emit, prompt_tokens: int, warnings: Iterable[str] = ()) -> None:
        self._emit = emit
        self._prompt_tokens = prompt_tokens
        self.warnings = tuple(warnings)
        self._accepted = False
        self.begun = False

    async def accept(self) -> None:
        if not self._accepted:
            self._accepted = True
            await self._emit(Accepted(self._prompt_tokens, self.warnings))

    async def tell(self, event: Event) -> None:
        await self.accept()
        self.begun = True
        await self._emit(event)

    async def accept_after(self, seconds: float) -> None:
        await anyio.sleep(seconds)
        await self.accept()


class Asking:
    def __init__(self, http: Http, model: Model, learnt: Learnt, request: ChatRequest, member: str) -> None:
        self._http = http
        self._model = model
        self._learnt = learnt
        self._request = request
        self._member = member
        self._wish = wishes.of(request)
        self._limit = request.sampling.max_tokens

    async def candidates(self, count: int, first: int, telling: Telling) -> dict[int, Candidate]:
        """By their numbers; those are missing that the server, which does not know `n`, has ignored."""
        tries = 0
        for _ in range(TRIES + LESSONS):
            try:
                return await self._once(count, first, telling)
            except Refused as refused:
                if telling.begun:
                    raise self._error(refused) from None
                if self._learn(refused, count):
                    continue
                error = self._error(refused)
            except Disconnected:
                error = self._fault("broke off its answer in the middle")
            except UpstreamFault as fault:
                error = fault
            tries += 1
            if telling.begun or tries == TRIES or not _is_passing(error):
                raise error
            await anyio.sleep(PAUSE_SECONDS)
        raise self._fault("refuses the request for ever new reasons")

    async def _once(self, count: int, first: int, telling: Telling) -> dict[int, Candidate]:
        body = self._body(count)
        telling.warnings = telling.warnings or self._learnt.warnings(self._body(count, learnt=False))
        reading = Reading(count, bodies.characters(self._request), self._wish, first, self._may_be_empty())

        async def hear(chunks: Sequence[Mapping[str, Any]]) -> None:
            said = [event for chunk in chunks for event in reading.add(chunk)]
            if wrong := reading.wrong():
                raise self._misfit(wrong)
            for event in joined(said):
                await telling.tell(event)

        await self._http.stream(TEXT if self._request.raw is not None else CHAT, body, hear)
        if fault := reading.fault():
            raise self._fault(fault)
        if misfit := reading.misfit():
            raise self._misfit(misfit)
        if reading.ignored():
            self._learnt.without.add("n")
        found = {}
        for end, candidate in reading.finish(self._member):
            await telling.tell(end)
            found[end.candidate] = candidate
        return found

    def _body(self, count: int, learnt: bool = True) -> dict[str, Any]:
        request = replace(self._request, sampling=replace(self._request.sampling, max_tokens=self._limit))
        to_wire = bodies.of_text if request.raw is not None else bodies.of_chat
        body = to_wire(request, self._model.name, count, self._learnt.without if learnt else ())
        if self._model.is_ours:
            body |= {"swarm": {"local_only": True}} | ({"prompt_cache_key": request.session} if request.session else {})
        return body

    def _learn(self, refused: Refused, count: int) -> bool:
        """Is it worth to ask again, without something or for less?"""
        refusal = refused.refusal
        if found := refusal.overflow:
            self._learnt.context = found.context or self._learnt.context
            room = found.context - found.prompt
            if not found.of_answer or (self._limit is not None and self._limit <= room - 1):
                return False
            # A large number is a wish, and is cut to what the context leaves.
            self._limit = max(1, room - 1)
            return True
        body = self._body(count)
        return not lessons.needed(refusal, body) and self._learnt.from_refusal(refusal, body)

    def _error(self, refused: Refused) -> SwarmError:
        address, refusal = self._http.address, refused.refusal
        body = self._body(self._request.policy.choices)
        if not refusal.overflow and (field := lessons.needed(refusal, body)):
            return refusals.not_supported(address.base, self._model.id, field)
        return refusals.to_error(refusal, address.base, self._model.id, self._learnt.context or self._model.context)

    def _may_be_empty(self) -> bool:
        """Behind a text, or where it may stop at once, nothing can be the right answer."""
        return self._request.raw is not None or self._request.continue_last or bool(self._request.sampling.stop)

    def _misfit(self, what: str) -> Misfit:
        return Misfit(f"The model '{self._model.id}' at {self._http.address.base}", what)

    def _fault(self, what: str) -> UpstreamFault:
        return UpstreamFault(f"The server at {self._http.address.base} {what}.")


def _is_passing(error: SwarmError) -> bool:
    """A wrong key stays wrong, and a web page stays one."""
    return isinstance(error, UpstreamFault) and not isinstance(error, WrongAddress)
