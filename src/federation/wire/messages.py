"""Every question that a node can be asked, and every reply."""

from dataclasses import dataclass, replace

from ...chat import Candidate, ChatRequest, Embedding, Outcome, ToolCall, ToolSpec
from ..nodes import Load, Report, Rumour
from . import cleaning
from .codec import Codec


@dataclass(frozen=True, slots=True)
class Probe:
    rumours: tuple[Rumour, ...] = ()


@dataclass(frozen=True, slots=True)
class Probed:
    """`revision`: of the report, which is asked for only where it is another than the one that is known."""

    incarnation: int
    instance: str
    revision: int
    loads: tuple[Load, ...] = ()
    rumours: tuple[Rumour, ...] = ()


@dataclass(frozen=True, slots=True)
class ProbeFor:
    """Please probe this node for me."""

    id: str


@dataclass(frozen=True, slots=True)
class Tried:
    reached: bool


@dataclass(frozen=True, slots=True)
class Bye:
    incarnation: int


@dataclass(frozen=True, slots=True)
class Nothing:
    """Heard, and there is nothing to say."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request to one member: for its answer, or for the length of its prompt."""

    member: str
    request: ChatRequest

    def bound(self) -> "Ask":
        """Whoever is asked answers itself: it asks nobody else."""
        policy = replace(self.request.policy, local_only=True)
        return replace(self, request=replace(self.request, policy=policy))


@dataclass(frozen=True, slots=True)
class ToTokens:
    member: str
    text: str
    special: bool
    framed: bool = False


@dataclass(frozen=True, slots=True)
class ToText:
    member: str
    tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ToVectors:
    member: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListTools:
    """Which tools may I use?"""


@dataclass(frozen=True, slots=True)
class Execute:
    """Its id is new for each call, and the same where a call is asked for again. `who`: for the log of the host."""

    call: ToolCall
    who: str = ""
    session: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    tokens: int


@dataclass(frozen=True, slots=True)
class Tokens:
    tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plain:
    text: str


@dataclass(frozen=True, slots=True)
class Vectors:
    embeddings: tuple[Embedding, ...]


@dataclass(frozen=True, slots=True)
class Toolset:
    tools: tuple[ToolSpec, ...]


@dataclass(frozen=True, slots=True)
class Executed:
    outcome: Outcome


def _clean_probe(probe: Probe) -> Probe:
    return replace(probe, rumours=cleaning.rumours(probe.rumours))


def _clean_probed(told: Probed) -> Probed:
    return replace(
        told,
        incarnation=max(0, told.incarnation),
        instance=cleaning.plain(told.instance, cleaning.MOST_NAME),
        loads=cleaning.loads(told.loads),
        rumours=cleaning.rumours(told.rumours),
    )


def _clean_execute(ask: Execute) -> Execute:
    return replace(
        ask,
        who=cleaning.plain(ask.who, cleaning.MOST_NAME),
        session=cleaning.plain(ask.session, cleaning.MOST_WORDS),
    )


def _clean_reply(reply: "Reply") -> "Reply":
    match reply:
        case Toolset():
            return Toolset(cleaning.tools(reply.tools))
        case Executed():
            return Executed(cleaning.outcome(reply.outcome))
    return reply


# What ends a stream, where it ends well.
Reply = Answered | Counted | Tokens | Plain | Vectors | Toolset | Executed

PROBE: Codec[Probe] = Codec(Probe, "The probe", _clean_probe)
PROBED: Codec[Probed] = Codec(Probed, "The reply to a probe", _clean_probed)
REPORT: Codec[Report] = Codec(Report, "The report of a node", cleaning.report)
PROBE_FOR: Codec[ProbeFor] = Codec(ProbeFor, "The wish for a probe")
TRIED: Codec[Tried] = Codec(Tried, "The reply to a wish for a probe")
BYE: Codec[Bye] = Codec(Bye, "The goodbye")
NOTHING: Codec[Nothing] = Codec(Nothing, "The reply to a goodbye")
ASK: Codec[Ask] = Codec(Ask, "The request")
TO_TOKENS: Codec[ToTokens] = Codec(ToTokens, "The request for tokens")
TO_TEXT: Codec[ToText] = Codec(ToText, "The request for text")
TO_VECTORS: Codec[ToVectors] = Codec(ToVectors, "The request for embeddings")
LIST_TOOLS: Codec[ListTools] = Codec(ListTools, "The request for tools")
EXECUTE: Codec[Execute] = Codec(Execute, "The call", _clean_execute)
REPLY: Codec[Reply] = Codec(Reply, "The reply", _clean_reply)
