"""Act or talk: a model that would only talk is made to choose first, with `answer in words` as one of the tools.

The request runs twice: first some tool must be called; if the model calls none but the one that means talking, it then
writes freely and may call nothing. Where the model's own template shows the tools both have one prompt, which is read
once. Both are one answer to the client, and its usage is that of both.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from ..chat import (
    Accepted,
    Candidate,
    ChatRequest,
    Emit,
    Event,
    Finished,
    Sampling,
    Thinking,
    ToolCall,
    ToolCallDelta,
    ToolChoice,
    ToolSpec,
    Usage,
)

Generate = Callable[[ChatRequest, Emit], Awaitable[list[Candidate]]]
TALK = "answer_in_words"


def applies(request: ChatRequest) -> bool:
    free = request.tool_choice.mode == "auto" and not request.tool_choice.names and not request.continue_last
    return bool(request.tools) and free and request.policy.choices == 1 and request.response_format is None


async def decide(request: ChatRequest, emit: Emit, generate: Generate, description: str) -> list[Candidate]:
    if any(tool.name == TALK for tool in request.tools):
        return await generate(request, emit)
    # Two answers have no tokens that a third could begin with.
    request = replace(request, sampling=replace(request.sampling, traced=False))
    shown = replace(request, tools=(*request.tools, ToolSpec(TALK, description)))
    required = ToolChoice("required", (), request.tool_choice.parallel)
    first = _First(emit)
    (chosen,) = await generate(replace(shown, id=f"{request.id}-act", tool_choice=required), first.emit)
    if not first.talks:
        return [_without_talk(chosen)]
    talking = replace(shown, tool_choice=ToolChoice("none"), sampling=_left(request.sampling, chosen.usage))
    (said,) = await generate(talking, partial(_emit_rest, emit, chosen.usage))
    thoughts = tuple(part for part in chosen.message.parts if isinstance(part, Thinking))
    message = replace(said.message, parts=(*thoughts, *said.message.parts))
    return [replace(said, message=message, usage=_together(chosen.usage, said.usage))]


def _without_talk(candidate: Candidate) -> Candidate:
    parts = tuple(part for part in candidate.message.parts if not (isinstance(part, ToolCall) and part.name == TALK))
    return replace(candidate, message=replace(candidate.message, parts=parts))


def _left(sampling: Sampling, used: Usage) -> Sampling:
    most = sampling.max_tokens
    # The limit is for what the client gets; of the first choice that is the thinking alone.
    return sampling if most is None else replace(sampling, max_tokens=max(1, most - used.thinking))


def _together(first: Usage, second: Usage) -> Usage:
    """One prompt, of which the second time most came out of the cache only because of the first."""
    return Usage(
        second.prompt,
        first.completion + second.completion,
        min(first.cached, second.prompt),
        first.thinking + second.thinking,
    )


async def _emit_rest(emit: Emit, used: Usage, event: Event) -> None:
    if isinstance(event, Finished):
        event = replace(event, usage=_together(used, event.usage))
    if not isinstance(event, Accepted):
        await emit(event)


class _First:
    """Lets everything through but the calls that mean talking; and the end, where there are no others."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._acts = False
        self._talk: set[int] = set()  # calls in which nothing is said

    @property
    def talks(self) -> bool:
        return bool(self._talk) and not self._acts

    async def emit(self, event: Event) -> None:
        if isinstance(event, ToolCallDelta):
            if event.name == TALK:
                self._talk.add(event.index)
            if event.index in self._talk:
                return
            self._acts = True
            event = replace(event, index=event.index - sum(one < event.index for one in self._talk))
        if not (isinstance(event, Finished) and self.talks):
            await self._emit(event)
