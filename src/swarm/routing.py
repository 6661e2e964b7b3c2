"""Which members may answer a request, in the order in which they are asked.

A model's own name asks for that model; `swarm` asks for the best that is free. The rule is in ranking.py, and what it
goes by comes from traffic.py and strength.py.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..chat import Candidate, ChatRequest, Emit, Image
from ..errors import ContextOverflow, ModelNotFound, NotSupported, SwarmError, Unavailable
from .estimate import Expected
from .member import Member, Served
from .ranking import Entry, ranked
from .strength import Strengths
from .traffic import Traffic

# The name under which the whole swarm answers, and those that say how it does.
SWARM = "swarm"
FAST = f"{SWARM}:fast"
VOTE = f"{SWARM}:vote"
WHOLE = (SWARM, FAST, VOTE)
# Programs made for Ollama add it to names that have no tag of their own.
TAG = ":latest"
# Of a model that a client asks for, where an error repeats it.
LONGEST_NAME = 128
# Behind any name: that model, and it may use the tools of the tool host.
TOOLS = "+tools"
TOOLED = f"{SWARM}{TOOLS}"
# With it a node tells its name, so that another knows whether it has asked itself.
NODE_HEADER = "X-Swarm-Node"
# So many conversations are led back to the member that has read their beginning; each costs some hundred bytes.
SESSIONS = 4096
# Where a conversation has no name, so many tokens of it that a member has read make it the one to go back to.
CONVERSATION = 256


class Source(Protocol):
    """Where members come from that come and go: the models of another server, or of another node."""

    def members(self) -> Sequence[Member]: ...


@dataclass(frozen=True, slots=True)
class Choice:
    """A member that can serve now, and what it serves."""

    member: Member
    served: Served


def is_named(served_id: str, name: str) -> bool:
    return served_id.lower() in (name.lower(), name.lower().removesuffix(TAG))


def is_same(one: Served, other: Served) -> bool:
    """The same model: by its name, or by its weights, as somebody may have named a file after himself."""
    digest = one.details.digest
    return is_named(one.id, other.id) or (bool(digest) and digest == other.details.digest)


def is_whole(name: str) -> bool:
    return any(is_named(one, without_tools(name)) for one in WHOLE)


def without_tools(name: str) -> str:
    """The model's own name, where tools are asked for with it."""
    bare = name[: -len(TAG)] if name.lower().endswith(TAG) else name
    return bare[: -len(TOOLS)] if asks_tools(name) else name


def asks_tools(name: str) -> bool:
    return len(name) > len(TOOLS) and name.lower().removesuffix(TAG).endswith(TOOLS)


def present(members: Sequence[Member]) -> list[Choice]:
    """Those that can serve now. Where none can: why the first cannot."""
    choices, down = _present(members)
    if down and not choices:
        raise down[0]
    return choices


def named(
    members: Sequence[Member], model: str, local_only: bool = False, whole: Sequence[str] = WHOLE
) -> list[Choice]:
    """Those that serve what goes by this name. `whole`: the names of the whole swarm, as they are listed."""
    model = without_tools(model)
    choices, down = _present(members)
    if local_only:
        choices = [choice for choice in choices if choice.served.local]
        down = [error for error in down if not error.model]
    anyone = is_whole(model)
    found = choices if anyone else [one for one in choices if is_named(one.served.id, model)]
    if found:
        return found if anyone else [one for one in choices if _is_among(one.served, found)]
    # What this node itself will serve has no name yet: any may be its own.
    if asked := [error for error in down if anyone or not error.model or is_named(error.model, model)]:
        raise asked[0]
    raise unknown(model, [*whole, *dict.fromkeys(choice.served.id for choice in choices)])


def _is_among(served: Served, found: Sequence[Choice]) -> bool:
    return any(is_same(served, one.served) for one in found)


def unknown(model: str, ids: Sequence[str]) -> ModelNotFound:
    known = ", ".join(f"'{one}'" for one in ids)
    said = model if len(model) <= LONGEST_NAME else f"{model[:LONGEST_NAME]}..."
    return ModelNotFound(f"The model '{said}' is not served here. Served: {known}.", "model")


def may_help(choice: Choice, error: SwarmError) -> bool:
    """Could this one answer what another failed at? A prompt that was too long is only worth the try where there is
    more room; what is wrong with the request itself is wrong everywhere."""
    if isinstance(error, ContextOverflow):
        return choice.served.context > error.context
    return isinstance(error, NotSupported | ModelNotFound) or error.status >= 500


class Router:
    def __init__(self, strengths: Strengths | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.strengths = strengths or Strengths()
        self.traffic = Traffic(clock)
        self._sessions: OrderedDict[str, str] = OrderedDict()  # by the name of a conversation, that of its member

    def order(self, members: Sequence[Member], request: ChatRequest) -> list[Choice]:
        """All that may answer it, the one to be asked first at the head."""
        found = named(members, request.model, request.policy.local_only)
        able = [choice for choice in found if choice.served.details.chats or request.raw is not None] or found
        if _has_images(request):
            able = [choice for choice in able if choice.served.details.sees] or able
        if request.tools:
            able = [choice for choice in able if choice.served.details.calls] or able
        return [able[at] for at in ranked(self._entries(able, request))] if len(able) > 1 else able

    async def read(self, members: Sequence[Member], request: ChatRequest, whole: Sequence[str] = WHOLE) -> None:
        """To be done first, where anybody serves it: a long conversation takes a while, in which others are served."""
        if named(members, request.model, request.policy.local_only, whole):
            await self.traffic.read(request)

    def running(self, member: Member) -> int:
        """So many answers it is giving now, as far as is known here."""
        return self.traffic.running(member)

    def expected(self, choice: Choice, request: ChatRequest) -> Expected:
        """When it would begin and end the answer to this."""
        return self.traffic.expect(choice.member, choice.served, request)

    async def ask(self, choice: Choice, request: ChatRequest, emit: Emit) -> list[Candidate]:
        """Its answer. All that is asked goes this way, so that something is learnt of it."""
        self.strengths.heard(request, time.time())
        found = await self.traffic.ask(choice.member, choice.served, request, emit)
        for candidate in found:
            self.strengths.wrote(choice.served.id, candidate.message)
        return found

    def note(self, request: ChatRequest, member: Member) -> None:
        """It has read this conversation, and the next turn of it is led back there."""
        if not request.session:
            return
        self._sessions[request.session] = member.name
        self._sessions.move_to_end(request.session)
        if len(self._sessions) > SESSIONS:
            self._sessions.popitem(last=False)

    def _entries(self, choices: Sequence[Choice], request: ChatRequest) -> list[Entry]:
        found = [self.expected(choice, request) for choice in choices]
        at = self._known(choices, request, found)
        strength = self._strengths_by_model(choices)
        return [
            _entry(choice, each, strength[choice.served.id.lower()], at == place)
            for place, (choice, each) in enumerate(zip(choices, found, strict=True))
        ]

    def _known(self, choices: Sequence[Choice], request: ChatRequest, found: Sequence[Expected]) -> int | None:
        """Where this conversation was: by its name, else by what was read of it."""
        name = self._sessions.get(request.session, "") if request.session else ""
        names = [choice.member.name for choice in choices]
        if name in names:
            return names.index(name)
        at = max(range(len(found)), key=lambda place: found[place].cached)
        return at if found[at].cached >= CONVERSATION else None

    def _strengths_by_model(self, choices: Sequence[Choice]) -> dict[str, float]:
        """The same model is equally good everywhere, however much each of its members tells of it."""
        best: dict[str, float] = {}
        for choice in choices:
            model = choice.served.id.lower()
            best[model] = max(best.get(model, 0.0), self.strengths.of(choice.served))
        return best


def _entry(choice: Choice, expected: Expected, strength: float, known: bool) -> Entry:
    served = choice.served
    return Entry(expected.end, expected.free, strength, known, served.local, served.details.parameters)


def _present(members: Sequence[Member]) -> tuple[list[Choice], list[Unavailable]]:
    choices, down = [], []
    for member in members:
        try:
            choices.append(Choice(member, member.served()))
        except Unavailable as error:
            down.append(error)
    return choices, down


def _has_images(request: ChatRequest) -> bool:
    return any(isinstance(part, Image) for message in request.messages for part in message.parts)
