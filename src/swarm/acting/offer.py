"""What a model is offered, and who executes which of it: never two. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ...chat import ChatRequest, Hosted, ToolCall, ToolChoice, ToolSpec
from ...errors import BadRequest

# Only the client can do these, so they are for those alone that know of it.
CLIENT_ONLY = frozenset({"question"})
# These change nothing that another call of the same round could want to see.
LOOKING = frozenset({"read", "list", "glob", "grep", "webfetch", "todoread", "skill"})
# What has become of the project.
SHOWING = frozenset({"read", "list", "glob", "grep", "bash", "python"})
# One answer leaves room at the host for others.
ABREAST = 8


@dataclass(frozen=True, slots=True)
class Offer:
    """`host`: the names of those that the tool host executes. `small`: so is the model that they are offered to."""

    tools: tuple[ToolSpec, ...]
    host: frozenset[str]
    choice: ToolChoice = field(default_factory=ToolChoice)
    warnings: tuple[str, ...] = ()
    small: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """What may be called."""
        return self.choice.names or tuple(tool.name for tool in self.tools)

    def hosts(self, call: ToolCall) -> bool:
        """Also what nobody has: the model is told so, and the client never sees it."""
        return call.name in self.host or call.name not in {tool.name for tool in self.tools}

    def allows(self, call: ToolCall) -> bool:
        """Not every member keeps to what may be called."""
        return call.name in self.host and (not self.choice.names or call.name in self.choice.names)

    def changes(self, call: ToolCall) -> bool:
        """As far as one can know."""
        return call.name in self.host and call.name not in LOOKING

    def others(self, tired: Collection[str]) -> tuple[str, ...]:
        """Beside these, what a small model may be made to call: it shows something, and nobody meant to change
        anything. Large ones know why they look twice."""
        if not (tired and self.small):
            return ()
        shows = [name for name in self.names if name in self.host and name in SHOWING]
        return tuple(name for name in shows if name not in tired)

    def request(self, request: ChatRequest) -> ChatRequest:
        return replace(request, tools=self.tools, tool_choice=self.choice)


def turns(calls: Sequence[ToolCall]) -> list[list[ToolCall]]:
    """A few of one turn run side by side. What a model writes before it tests, in one round, comes before the test."""
    found: list[list[ToolCall]] = []
    for call in calls:
        if found and call.name in LOOKING and found[-1][-1].name in LOOKING and len(found[-1]) < ABREAST:
            found[-1].append(call)
        else:
            found.append([call])
    return found


def chosen(hosted: Hosted, listed: bool, specs: Sequence[ToolSpec]) -> list[ToolSpec]:
    """Of the host's, those that the client asks for."""
    there = {spec.name: spec for spec in specs}
    for name in hosted.tools:
        if name not in there:
            known = ", ".join(there) or "none"
            raise BadRequest(f"The tool host has no tool '{name[:80]}'. It has: {known}.", "tools")
    if hosted.tools:
        return [there[name] for name in dict.fromkeys(hosted.tools)]
    return [spec for spec in specs if listed or spec.name not in CLIENT_ONLY]


def offer(request: ChatRequest, specs: Sequence[ToolSpec], instead: Mapping[str, str], small: bool = False) -> Offer:
    """`instead`: names of the client's tools, each with that of the host's which takes its place. `small`: the model is
    not good at several calls at once."""
    own = tuple(tool for tool in request.tools if tool.name not in instead)
    taken = {tool.name for tool in own}
    host = tuple(spec for spec in specs if spec.name not in taken)
    twins = [spec.name for spec in specs if spec.name in taken]
    warnings = tuple(f"Calls of '{name}' go to the client, which has a tool of this name itself." for name in twins)
    names = tuple(instead.get(name, name) for name in request.tool_choice.names)
    parallel = request.tool_choice.parallel and (not small or bool(own))
    choice = replace(request.tool_choice, names=names, parallel=parallel)
    return Offer((*own, *host), frozenset(spec.name for spec in host), choice, warnings, small)
