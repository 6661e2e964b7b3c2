"""Act or talk: a model that would only talk is made to write a call first, which may turn out not to be wanted.

`decide`: one of the tools is `answer in words`, and the model chooses. `weigh`: there are the client's tools alone, and
the call is made if what the user said speaks for it. The request runs twice: first some tool must be called; if it is
to be talking, the model then writes freely and may call nothing. Where the model's own template shows the tools both
have one prompt, which is read once. Both are one answer to the client; its usage is that of both, but for a call that
was not wanted, which the client does not get.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

import anyio

from ..chat import (
    Accepted,
    Candidate,
    ChatRequest,
    Emit,
    Event,
    Finished,
    Message,
    Sampling,
    Thinking,
    ThinkingDelta,
    ToolCall,
    ToolCallDelta,
    ToolChoice,
    ToolSpec,
    Usage,
)
from .consensus.merit import Merits
from .unfinished import closed

Generate = Callable[[ChatRequest, Emit], Awaitable[list[Candidate]]]
TALK = "answer_in_words"
# Characters of arguments by which calls are judged before they end: more than the values that can be looked up have.
LONG = 400


def applies(request: ChatRequest) -> bool:
    free = request.tool_choice.mode == "auto" and not request.tool_choice.names and not request.continue_last
    return bool(request.tools) and free and request.policy.choices == 1 and request.response_format is None


async def decide(request: ChatRequest, emit: Emit, generate: Generate, description: str) -> list[Candidate]:
    if any(tool.name == TALK for tool in request.tools):
        return await generate(request, emit)
    request = replace(request, sampling=_untraced(request.sampling))
    shown = replace(request, tools=(*request.tools, ToolSpec(TALK, description)))
    required = ToolChoice("required", (), request.tool_choice.parallel)
    first = _First(emit)
    (chosen,) = await generate(replace(shown, id=f"{request.id}-act", tool_choice=required), first.emit)
    if not first.talks:
        return [_without_talk(chosen)]
    talking = replace(shown, tool_choice=ToolChoice("none"), sampling=_left(request.sampling, chosen.usage))
    return [await _talk(talking, chosen, emit, generate)]


async def weigh(request: ChatRequest, emit: Emit, generate: Generate) -> list[Candidate]:
    """Steps that follow from what calls found are left to the model: the user has no words for them."""
    merits = Merits(request)
    if not merits.first:
        return await generate(request, emit)
    free = replace(request, tool_choice=ToolChoice("none"))
    if request.begun and request.sampling.traced:
        # Of calls no tokens are told, so it was talking that another member began.
        return await generate(free, emit)
    held = _Held(emit, merits)
    required = ToolChoice("required", (), request.tool_choice.parallel)
    asked = replace(request, id=f"{request.id}-act", tool_choice=required, sampling=_untraced(request.sampling))
    call = await held.hear(asked, generate)
    if held.gone:
        return [call]
    talking = replace(free, begun=None, sampling=_left(request.sampling, call.usage))
    thoughts = replace(call, usage=replace(call.usage, completion=call.usage.thinking))
    return [await _talk(talking, thoughts, emit, generate)]


async def _talk(request: ChatRequest, before: Candidate, emit: Emit, generate: Generate) -> Candidate:
    (said,) = await generate(request, partial(_emit_rest, emit, before.usage))
    thoughts = tuple(part for part in before.message.parts if isinstance(part, Thinking))
    message = replace(said.message, parts=(*thoughts, *said.message.parts))
    # Where it might have gone on otherwise is behind the prompt of the second request alone.
    return replace(said, message=message, usage=_together(before.usage, said.usage), branches=())


def _untraced(sampling: Sampling) -> Sampling:
    """Two answers have no tokens that a third could begin with."""
    return replace(sampling, traced=False)


def _without_talk(candidate: Candidate) -> Candidate:
    parts = tuple(part for part in candidate.message.parts if not (isinstance(part, ToolCall) and part.name == TALK))
    return replace(candidate, message=replace(candidate.message, parts=parts))


def _left(sampling: Sampling, used: Usage) -> Sampling:
    most = sampling.max_tokens
    # The limit is for what the client gets; of the first choice that is the thinking alone.
    return sampling if most is None else replace(sampling, max_tokens=max(1, most - used.thinking))


def _together(first: Usage, second: Usage) -> Usage:
    """The prompt is the one that the client sent, tools and all: where they are taught, that of talking is shorter.
    What came out of the cache the second time did so only because of the first."""
    return Usage(
        first.prompt,
        first.completion + second.completion,
        first.cached,
        first.thinking + second.thinking,
    )


async def _emit_rest(emit: Emit, used: Usage, event: Event) -> None:
    if isinstance(event, Finished):
        event = replace(event, usage=_together(used, event.usage))
    if not isinstance(event, Accepted):
        await emit(event)


class _Held:
    """Lets through what is so whatever is decided; the rest when it is let go. Calls that are long, or many, are judged
    by their beginning: nobody waits for the end of what is not wanted, and what is wanted is told as it comes."""

    def __init__(self, emit: Emit, merits: Merits) -> None:
        self._emit = emit
        self._merits = merits
        self._kept: list[Event] = []
        self._scope = anyio.CancelScope()
        self._judged = False
        self._so_far = Candidate("", Message("assistant", ()), "length", Usage(0, 0))
        self.gone = False

    async def hear(self, asked: ChatRequest, generate: Generate) -> Candidate:
        """The whole answer, or what came of it until it was clear that it is not wanted."""
        with self._scope:
            (self._so_far,) = await generate(asked, self.emit)
            if not self._judged and self._merits.wanted(self._so_far):
                await self._let_go()
        return self._so_far

    async def emit(self, event: Event) -> None:
        if not self._judged:
            self._so_far = _with(self._so_far, event)
        if self.gone or isinstance(event, Accepted | ThinkingDelta):
            await self._emit(event)
            return
        self._kept.append(event)
        if not self._judged and (begun := _begun(self._so_far)):
            self._judged = True
            if self._merits.wanted(begun):
                await self._let_go()
            else:
                self._scope.cancel()

    async def _let_go(self) -> None:
        self.gone = True
        for event in self._kept:
            await self._emit(event)


def _with(so_far: Candidate, event: Event) -> Candidate:
    parts, used = so_far.message.parts, so_far.usage
    match event:
        case Accepted(prompt):
            used = replace(used, prompt=prompt)
        case ThinkingDelta(text):
            parts, used = (*parts, Thinking(text)), replace(used, thinking=used.thinking + 1)
        case ToolCallDelta(name=name) if name:
            parts = (*parts, ToolCall(event.id, name, event.arguments))
        case ToolCallDelta() if parts and isinstance(last := parts[-1], ToolCall):
            parts = (*parts[:-1], replace(last, arguments=last.arguments + event.arguments))
    return replace(so_far, message=replace(so_far.message, parts=parts), usage=used)


def _begun(so_far: Candidate) -> Candidate | None:
    """With its last call ended here; None before there is enough of it, and where that one cannot end yet."""
    parts, length = so_far.message.parts, sum(len(call.arguments) for call in so_far.message.calls)
    if not parts or not isinstance(last := parts[-1], ToolCall) or not LONG <= length < 2 * LONG:
        return None
    ended = closed(last.arguments)
    if ended is None:
        return None
    return replace(so_far, message=Message("assistant", (*parts[:-1], replace(last, arguments=ended))))


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
