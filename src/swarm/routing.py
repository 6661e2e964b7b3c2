"""Which members may answer a request, in the order in which they are asked. Pure, but for the sessions it remembers.

A model's own name asks for that model; `swarm` asks for the best that is free. Of two that are equal the one on this
node comes first, since nothing has to travel to it.
"""

import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ..chat import ChatRequest, Image
from ..errors import ContextOverflow, ModelNotFound, NotSupported, SwarmError, Unavailable
from .member import Member, Served

# The name under which the whole swarm answers.
SWARM = "swarm"
# Programs made for Ollama add it to names that have no tag of their own.
TAG = ":latest"
# With it a node tells its name, so that another knows whether it has asked itself.
NODE_HEADER = "X-Swarm-Node"
# So many conversations are led back to the member that has read their beginning; each costs some hundred bytes.
SESSIONS = 4096
# Models count as equally large within a tenth or so.
SIZES = 10


class Source(Protocol):
    """Where members come from that come and go: the models of another server, or of another node."""

    def members(self) -> Sequence[Member]: ...


@dataclass(frozen=True, slots=True)
class Choice:
    """A member that can serve now, and what it serves."""

    member: Member
    served: Served

    @property
    def free(self) -> bool:
        busy = self.member.busy()
        return not busy.waiting and busy.running < self.served.seats


def is_named(served_id: str, name: str) -> bool:
    return served_id.lower() in (name.lower(), name.lower().removesuffix(TAG))


def present(members: Sequence[Member]) -> list[Choice]:
    """Those that can serve now. Where none can: why the first cannot."""
    choices, down = _present(members)
    if down and not choices:
        raise down[0]
    return choices


def named(members: Sequence[Member], model: str, local_only: bool = False) -> list[Choice]:
    """Those that serve what goes by this name."""
    choices, down = _present(members)
    if local_only:
        choices = [choice for choice in choices if choice.served.local]
        down = [error for error in down if not error.model]
    anyone = is_named(SWARM, model)
    found = choices if anyone else [one for one in choices if is_named(one.served.id, model)]
    if found:
        return found
    # What this node itself will serve has no name yet: any may be its own.
    if asked := [error for error in down if anyone or not error.model or is_named(error.model, model)]:
        raise asked[0]
    raise unknown(model, [SWARM, *dict.fromkeys(choice.served.id for choice in choices)])


def unknown(model: str, ids: Sequence[str]) -> ModelNotFound:
    known = ", ".join(f"'{one}'" for one in ids)
    return ModelNotFound(f"The model '{model}' is not served here. Served: {known}.", "model")


def may_help(choice: Choice, error: SwarmError) -> bool:
    """Could this one answer what another failed at? A prompt that was too long is only worth the try where there is
    more room; what is wrong with the request itself is wrong everywhere."""
    if isinstance(error, ContextOverflow):
        return choice.served.context > error.context
    return isinstance(error, NotSupported | ModelNotFound) or error.status >= 500


class Router:
    def __init__(self) -> None:
        self._sessions: OrderedDict[str, str] = OrderedDict()  # by the name of a conversation, that of its member

    def order(self, members: Sequence[Member], request: ChatRequest) -> list[Choice]:
        """All that may answer it, the one to be asked first at the head."""
        found = named(members, request.model, request.policy.local_only)
        able = [choice for choice in found if choice.served.details.chats or request.raw is not None] or found
        if _has_images(request):
            able = [choice for choice in able if choice.served.details.sees] or able
        if request.tools:
            able = [choice for choice in able if choice.served.details.calls] or able
        known = self._sessions.get(request.session, "") if request.session else ""
        rank = _rank if is_named(SWARM, request.model) else _rank_of_equals
        return sorted(able, key=lambda choice: rank(choice, known))

    def note(self, request: ChatRequest, member: Member) -> None:
        """It has read this conversation, and reads the next turn of it sooner than another."""
        if not request.session:
            return
        self._sessions[request.session] = member.name
        self._sessions.move_to_end(request.session)
        if len(self._sessions) > SESSIONS:
            self._sessions.popitem(last=False)


def _rank(choice: Choice, known: str) -> tuple[bool, bool, float, bool]:
    """The least comes first. A model counts as better when it is larger: by some percent, for one is counted and
    another only told by its name."""
    served = choice.served
    size = round(math.log(served.details.parameters or 1) * SIZES)
    return not choice.free, choice.member.name != known, -size, not served.local


def _rank_of_equals(choice: Choice, known: str) -> tuple[bool, bool, bool]:
    """The same model here and there."""
    return not choice.free, choice.member.name != known, not choice.served.local


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
