"""What other nodes may ask of this one. Nothing here asks another node for an answer: there is no second fan-out."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol, TypeVar
from uuid import uuid4

from aiohttp import web

from ..chat import Emit
from ..errors import BadRequest, BodyTooLarge, Unavailable
from ..swarm.member import Member
from .nodes import Report, Rumour
from .stream import tell
from .tools import Tools
from .wire import bounds, messages
from .wire.codec import Codec
from .wire.messages import (
    Answered,
    Ask,
    Counted,
    Nothing,
    Plain,
    Probed,
    Reply,
    Tokens,
    ToText,
    ToTokens,
    ToVectors,
    Tried,
    Vectors,
)

# Conversations with pictures in them.
MOST_BYTES = 64 * 2**20
MOST_SMALL_BYTES = 2**16
IDLE_BODY_SECONDS = 10.0

Asked = TypeVar("Asked")
Told = TypeVar("Told")
# What a member is asked for, by the name that it has in it.
Wish = TypeVar("Wish", Ask, ToTokens, ToText, ToVectors)
Read = Callable[[web.Request], Awaitable[Wish]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PEER: web.RequestKey[str] = web.RequestKey("peer", str)


class Offering(Protocol):
    """What this node tells others and does for them."""

    def report(self) -> Report: ...

    def incarnation(self) -> int: ...

    def members(self) -> Mapping[str, Member]:
        """Its own, by the keys of its offers."""
        ...

    def progress(self, key: str) -> int:
        """Another number each time when the member is at work, and the same when it stands still."""
        ...

    def gossip(self, by: str, rumours: Sequence[Rumour]) -> Sequence[Rumour]: ...

    async def probe(self, id: str) -> bool:
        """Does another node answer?"""
        ...

    def left(self, id: str, incarnation: int) -> None: ...

    def denied(self, id: str) -> bool: ...

    def tools(self) -> Tools | None:
        """None: there are none for others."""
        ...

    def refused(self, id: str, why: str) -> None:
        """A node of this swarm was sent away."""
        ...


class Routes:
    def __init__(self, offering: Offering) -> None:
        self._offering = offering

    def table(self) -> list[web.RouteDef]:
        return [
            web.post("/swarm/probe", _told(self._probe, messages.PROBE, messages.PROBED)),
            web.get("/swarm/report", self._report),
            web.post("/swarm/probe-for", _told(self._probe_for, messages.PROBE_FOR, messages.TRIED)),
            web.post("/swarm/bye", _told(self._bye, messages.BYE, messages.NOTHING)),
            web.post("/swarm/generate", self._on_the_way(_read_ask, _generate)),
            web.post("/swarm/count", self._on_the_way(_read_ask, _count)),
            web.post("/swarm/tokenize", self._on_the_way(_read_text, _tokenize)),
            web.post("/swarm/detokenize", self._on_the_way(_read_tokens, _detokenize)),
            web.post("/swarm/embed", self._on_the_way(_read_texts, _embed)),
        ]

    async def _probe(self, by: str, probe: messages.Probe) -> Probed:
        rumours = tuple(self._offering.gossip(by, probe.rumours))
        report = self._offering.report()
        return Probed(self._offering.incarnation(), report.about.instance, report.revision, report.loads, rumours)

    async def _report(self, request: web.Request) -> web.Response:
        return web.Response(body=messages.REPORT.dump(self._offering.report()))

    async def _probe_for(self, by: str, wish: messages.ProbeFor) -> Tried:
        return Tried(await self._offering.probe(wish.id))

    async def _bye(self, by: str, bye: messages.Bye) -> Nothing:
        self._offering.left(by, bye.incarnation)
        return Nothing()

    def _on_the_way(self, read: Read[Wish], work: Callable[[Member, Wish, Emit], Awaitable[Reply]]) -> Handler:
        """What a member is asked for is told while it works; what is wrong with the wish before."""

        async def handle(request: web.Request) -> web.StreamResponse:
            wish = await read(request)
            member = self._member(wish.member)
            response = web.StreamResponse()
            await response.prepare(request)
            told = await tell(response, partial(work, member, wish), partial(self._offering.progress, wish.member))
            return ended(request, response, told)

        return handle

    def _member(self, key: str) -> Member:
        member = self._offering.members().get(key)
        if member is None:
            raise Unavailable(f"The model {key[:80]!r} is not served there any more.")
        return member


async def _generate(member: Member, ask: Ask, emit: Emit) -> Reply:
    return Answered(tuple(await member.generate(ask.request, emit)))


async def _count(member: Member, ask: Ask, emit: Emit) -> Reply:
    return Counted(await member.count(ask.request))


async def _tokenize(member: Member, ask: ToTokens, emit: Emit) -> Reply:
    return Tokens(tuple(await member.tokenize(ask.text, ask.special, ask.framed)))


async def _detokenize(member: Member, ask: ToText, emit: Emit) -> Reply:
    return Plain(await member.detokenize(ask.tokens))


async def _embed(member: Member, ask: ToVectors, emit: Emit) -> Reply:
    return Vectors(tuple(await member.embed(ask.texts)))


def _told(work: Callable[[str, Asked], Awaitable[Told]], asks: Codec[Asked], tells: Codec[Told]) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        asked = await read(request, asks, MOST_SMALL_BYTES)
        return web.Response(body=tells.dump(await work(request[PEER], asked)))

    return handle


async def _read_ask(request: web.Request) -> Ask:
    """Under a name of our own: by that of another request its answer would be led astray."""
    ask = (await read(request, messages.ASK, MOST_BYTES)).bound()
    bounds.check(ask.request)
    return replace(ask, request=replace(ask.request, id=f"{request[PEER]}-{uuid4().hex}"))


async def _read_text(request: web.Request) -> ToTokens:
    return await read(request, messages.TO_TOKENS, MOST_BYTES)


async def _read_tokens(request: web.Request) -> ToText:
    ask = await read(request, messages.TO_TEXT, MOST_BYTES)
    bounds.check_tokens(ask.tokens)
    return ask


async def _read_texts(request: web.Request) -> ToVectors:
    return await read(request, messages.TO_VECTORS, MOST_BYTES)


async def read(request: web.Request, asks: Codec[Asked], most: int) -> Asked:
    """All that it says, of so many bytes at most."""
    if (request.content_length or 0) > most:
        raise _too_large(most)
    parts: list[bytes] = []
    size = 0
    try:
        while True:
            async with asyncio.timeout(IDLE_BODY_SECONDS):
                part = await request.content.readany()
            if not part:
                return asks.load(b"".join(parts))
            size += len(part)
            if size > most:
                raise _too_large(most)
            parts.append(part)
    except TimeoutError:
        raise BadRequest(f"The rest of the message did not come within {IDLE_BODY_SECONDS:g} s.") from None


def ended(request: web.Request, response: web.StreamResponse, told: bool) -> web.StreamResponse:
    """An orderly end would wait for whoever takes nothing any more."""
    if not told and request.transport:
        request.transport.abort()
    return response


def _too_large(most: int) -> BodyTooLarge:
    return BodyTooLarge(f"A message between nodes is larger than {most // 1024} KiB.")
