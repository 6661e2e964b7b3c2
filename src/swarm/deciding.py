"""Act or talk: a model that would only talk is made to choose first, with `answer in words` as one of the tools.

The request runs twice: first some tool must be called; if the model takes the one that means talking, it then writes
freely and may call nothing. Where the model's own template shows the tools both have one prompt, which is read once.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from ..chat import Accepted, Candidate, ChatRequest, Emit, Event, ToolCall, ToolCallDelta, ToolChoice, ToolSpec

Generate = Callable[[ChatRequest, Emit], Awaitable[list[Candidate]]]
TALK = "answer_in_words"


def applies(request: ChatRequest) -> bool:
    free = request.tool_choice.mode == "auto" and not request.tool_choice.names
    return bool(request.tools) and free and request.policy.candidates == 1 and request.response_format is None


async def decide(request: ChatRequest, emit: Emit, generate: Generate, description: str) -> list[Candidate]:
    if any(tool.name == TALK for tool in request.tools):
        return await generate(request, emit)
    shown = replace(request, tools=(*request.tools, ToolSpec(TALK, description)))
    first = _First(emit)
    acting = replace(
        shown, id=f"{request.id}-act", tool_choice=ToolChoice("required", (), request.tool_choice.parallel)
    )
    try:
        return [_without_talk(candidate) for candidate in await generate(acting, first.emit)]
    except _Talks:
        talking = replace(shown, tool_choice=ToolChoice("none"))
        return await generate(talking, first.emit_rest)


def _without_talk(candidate: Candidate) -> Candidate:
    parts = tuple(part for part in candidate.message.parts if not (isinstance(part, ToolCall) and part.name == TALK))
    return replace(candidate, message=replace(candidate.message, parts=parts))


class _Talks(Exception):
    """It chose to talk; what it was generating is given up."""


class _First:
    """Holds back what comes before the first call, and gives up where that one means talking."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._decided = False
        self._accepted = False
        self._talk: set[int] = set()  # calls beside others that mean talking: nothing is said in them

    async def emit(self, event: Event) -> None:
        if isinstance(event, ToolCallDelta) and event.name == TALK:
            if not self._decided:
                raise _Talks
            self._talk.add(event.index)
        if isinstance(event, ToolCallDelta) and event.index in self._talk:
            return
        self._decided = self._decided or isinstance(event, ToolCallDelta)
        self._accepted = self._accepted or isinstance(event, Accepted)
        await self._emit(event)

    async def emit_rest(self, event: Event) -> None:
        if not (isinstance(event, Accepted) and self._accepted):
            await self._emit(event)
