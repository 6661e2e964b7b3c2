"""The tools of another node: which node that is, and the way to it."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TypeVar

from ..chat import Outcome, ToolCall, ToolSpec
from ..errors import EngineFault, Forbidden, SwarmError, Unanswered, Unavailable, UpstreamFault
from .life import Life
from .link import Link
from .race import Lost, Unreached
from .wire import messages
from .wire.messages import Execute, Executed, ListTools, Toolset

Wanted = TypeVar("Wanted")
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A node that may be the one. `is_here`: it answers. `refuses`: it said that its tools are not for this node."""

    id: str
    instance: str
    name: str
    tools: tuple[str, ...]
    is_here: bool = True
    refuses: bool = False
    places: tuple[str, ...] = ()

    def is_called(self, said: str) -> bool:
        """By its name, its id, or one of its addresses."""
        word = said.casefold()
        names = {self.id, self.name.casefold(), f"{self.name}.local".casefold()}
        return word in names or any(word in (place, place.rpartition(":")[0].strip("[]")) for place in self.places)


class Toolbox:
    """`wanted`: which node; None for any that has tools. Of those the first by name, and then the same one for as long
    as it is there: what a model did with its files is nowhere else."""

    def __init__(self, life: Callable[[], Life], wanted: str | None = None) -> None:
        self._life = life
        self._wanted = wanted
        self._kept = ""
        self._refused: frozenset[Key] = frozenset()

    def find(self) -> "PeerHost":
        """Unavailable where it is not there."""
        life = self._life()
        one = chosen(list(self._candidates(life)), self._wanted, self._kept)
        self._kept = one.id
        return PeerHost(life.crowd.link(one.id), one, self._refuses)

    def _candidates(self, life: Life) -> Iterable[Candidate]:
        for one in life.standings():
            about = life.crowd.about(one.id)
            if about is None:
                continue
            # Also one that missed an answer: it may answer the next, and another one has other files.
            is_here = life.crowd.node(one.id) is not None
            refuses = (one.id, about.instance) in self._refused
            places = tuple(map(str, one.endpoints))
            yield Candidate(one.id, about.instance, about.name, about.tools, is_here, refuses, places)

    def _refuses(self, one: Candidate) -> None:
        """Those of earlier instances are not kept: their user may have allowed it meanwhile."""
        others = {key for key in self._refused if key[0] != one.id}
        self._refused = frozenset({*others, (one.id, one.instance)})


def chosen(found: Sequence[Candidate], wanted: str | None, kept: str) -> Candidate:
    ranked = sorted(found, key=lambda one: (not one.is_here, one.id != kept, one.refuses, one.name.casefold(), one.id))
    if wanted is None:
        able = [one for one in ranked if one.is_here and one.tools]
        usable = [one for one in able if not one.refuses]
        if able:
            return (usable or able)[0]
        raise Unavailable(
            "No machine of the swarm has tools now. Start one with: python main.py --tool-server --root FOLDER"
        )
    called = [one for one in ranked if one.is_called(wanted)]
    if not called:
        raise Unavailable(f"The tool host {wanted} is not seen in this swarm. See who is: python main.py status")
    one = called[0]
    if not one.is_here:
        raise Unavailable(f"The tool host {one.name or one.id} does not answer now.")
    if not one.tools:
        raise Unavailable(f"{one.name or one.id} has no tools. Start it there with: --tool-server --root FOLDER")
    return one


class PeerHost:
    def __init__(self, link: Link, one: Candidate, refuses: Callable[[Candidate], None] = lambda _: None) -> None:
        self._link = link
        self._one = one
        self._refuses = refuses

    @property
    def name(self) -> str:
        return f"{self._one.name} ({self._one.id})" if self._one.name else self._one.id

    @property
    def key(self) -> Hashable:
        return self._one.id, self._one.instance, self._one.tools

    async def specs(self) -> Sequence[ToolSpec]:
        try:
            return (await self._ask("/swarm/tools/list", messages.LIST_TOOLS.dump(ListTools()), Toolset)).tools
        except Forbidden:
            self._refuses(self._one)
            raise

    async def attempt(self, call: ToolCall, who: str, session: str, alive: Callable[[], None]) -> Outcome:
        body = messages.EXECUTE.dump(Execute(call, who, session))
        try:
            done = await self._ask("/swarm/tools/execute", body, Executed, alive)
        except Unreached:
            raise
        except (Lost, EngineFault, UpstreamFault) as error:
            raise Unanswered(error.message) from None
        return replace(done.outcome, id=call.id, tool=call.name)

    async def _ask(
        self, path: str, body: bytes, wanted: type[Wanted], alive: Callable[[], None] = lambda: None
    ) -> Wanted:
        async with aclosing(self._link.stream(path, body)) as lines:
            async for line in lines:
                if isinstance(line, wanted):
                    return line
                if isinstance(line, SwarmError):
                    raise line
                if line != ():
                    break
                alive()
        raise UpstreamFault(f"The node {self._one.id} answered another question.")
