"""Which requests get tools of the tool host: those that ask for them, and those that say nothing of tools. Pure."""

from dataclasses import dataclass, replace

from ...chat import ChatRequest, Hosted
from ...errors import BadRequest, NotSupported
from ..routing import asks_tools, without_tools

NO_HOST = (
    "This node has no tool host whose tools its models could use. Start it with --tool-server to make it one, or with "
    "--tool-host for that of another machine; or ask without the tools of the swarm."
)


@dataclass(frozen=True, slots=True)
class Wish:
    """`request`: what remains of it without the wish. `listed`: among the tools of the client, which then knows what
    may come back to it."""

    request: ChatRequest
    hosted: Hosted | None
    listed: bool


def wish(request: ChatRequest) -> Wish:
    hosted = request.hosted or (Hosted() if asks_tools(request.model) else None)
    found = Wish(replace(request, model=without_tools(request.model), hosted=None), hosted, request.hosted is not None)
    if hosted:
        _check(found)
    return found


def is_single(request: ChatRequest) -> bool:
    """One whole answer to a conversation: what others are made of cannot go through several rounds."""
    return request.raw is None and not request.continue_last and request.policy.choices == 1


def is_open(request: ChatRequest) -> bool:
    """It says nothing of tools, and may have some. What belongs to an agent has its own tools and executes them itself;
    so does whoever sends calls, even where it declares nothing, as for a summary."""
    plain = is_single(request) and request.response_format is None and request.tool_choice.mode == "auto"
    return plain and not request.tools and not any(message.calls for message in request.messages)


def _check(wish: Wish) -> None:
    request, where = wish.request, "tools" if wish.listed else "model"
    if request.raw is not None:
        raise NotSupported("A text that is only written on has no tools. Ask for the tools in a chat.", where)
    if request.policy.choices > 1:
        raise BadRequest("Tools of the swarm are for one answer: each of several would do things. Leave out 'n'.", "n")
    if request.continue_last:
        raise NotSupported("An answer that is begun already cannot use tools of the swarm. Leave it out.", "messages")
    if request.response_format is not None:
        raise NotSupported(
            "Tools of the swarm and a form for the answer do not go together. Ask for the form in a second request.",
            where,
        )
