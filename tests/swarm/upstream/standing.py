"""Servers over real sockets that say what a test wants them to say, and members that ask them."""

import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

import anyio
from aiohttp import web
from localswarm.chat import Candidate, ChatRequest, Event, Message, Text
from localswarm.swarm.answer import Swarm
from localswarm.swarm.member import Member
from localswarm.swarm.routing import NODE_HEADER
from localswarm.swarm.upstream.http import Address
from localswarm.swarm.upstream.server import UpstreamServer

Answer = Callable[[web.Request, dict[str, Any]], Awaitable[web.StreamResponse]]
LISTED = {"object": "list", "data": [{"id": "big", "object": "model", "owned_by": "vllm", "max_model_len": 4096}]}
STREAM = {"Content-Type": "text/event-stream"}


def chunk(delta: dict[str, Any] | None = None, reason: str | None = None, index: int = 0, **more: Any) -> bytes:
    choice = {"index": index, "delta": delta or {}, "finish_reason": reason} | more.pop("choice", {})
    return event({"object": "chat.completion.chunk", "choices": [choice], **more})


def says(text: str, index: int = 0) -> bytes:
    return chunk({"content": text}, index=index)


def usage(prompt: int, completion: int, **more: Any) -> bytes:
    return event({"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": completion, **more}})


def event(data: Any) -> bytes:
    return b"data: " + json.dumps(data).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"
HELLO = (says("Hel"), says("lo"), chunk(reason="stop"), usage(7, 2), DONE)


def streams(*parts: bytes | float, status: int = 200) -> Answer:
    """A float is a pause in seconds."""

    async def answer(request: web.Request, _: dict[str, Any]) -> web.StreamResponse:
        response = web.StreamResponse(status=status, headers=STREAM)
        await response.prepare(request)
        for part in parts:
            if isinstance(part, float):
                await anyio.sleep(part)
            else:
                await response.write(part)
        return response

    return answer


def replies(body: Any, status: int = 200, **headers: str) -> Answer:
    async def answer(_: web.Request, __: dict[str, Any]) -> web.StreamResponse:
        if isinstance(body, str):
            return web.Response(text=body, status=status, headers=headers)
        return web.json_response(body, status=status, headers=headers)

    return answer


def refuses(message: str, status: int = 400, **more: Any) -> Answer:
    return replies({"error": {"message": message, "type": "invalid_request_error", **more}}, status)


class StandIn:
    """One server. `answers` are given in turn, the last of them for ever."""

    def __init__(self, *answers: Answer, listed: Any = None, key: str = "") -> None:
        self.answers = list(answers) or [streams(*HELLO)]
        self.listed = LISTED if listed is None else listed
        self.key = key
        self.asked: list[dict[str, Any]] = []
        self.headers: list[Any] = []
        self.left = 0  # requests whose client went away
        self.more: dict[str, Any] = {}  # what other routes answer
        self.status = 200  # of the list of models
        self.node = ""  # whose name it tells
        self.url = ""

    @contextlib.asynccontextmanager
    async def running(self, port: int = 0) -> AsyncIterator["StandIn"]:
        app = web.Application()
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/{route:chat/completions|completions|embeddings}", self._answer)
        app.router.add_route("*", "/{route:.*}", self._other)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _models(self, request: web.Request) -> web.StreamResponse:
        if self.key and request.headers.get("Authorization") != f"Bearer {self.key}":
            return web.json_response({"error": {"message": f"Wrong key in {dict(request.headers)}"}}, status=401)
        headers = {NODE_HEADER: self.node} if self.node else {}
        return web.json_response(self.listed, status=self.status, headers=headers)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked.append(body)
        self.headers.append(request.headers)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        try:
            return await answer(request, body)
        except (anyio.get_cancelled_exc_class(), ConnectionResetError):
            self.left += 1
            raise

    async def _other(self, request: web.Request) -> web.StreamResponse:
        found = self.more.get("/" + request.match_info["route"])
        return web.json_response(found) if found is not None else web.json_response({"detail": "Not Found"}, status=404)


@contextlib.asynccontextmanager
async def watched(url: str, key: str = "", node: str = "") -> AsyncIterator[UpstreamServer]:
    server = UpstreamServer(Address(url, key), node)
    async with anyio.create_task_group() as group:
        group.start_soon(server.run)
        await server.looked()
        yield server
        group.cancel_scope.cancel()


@contextlib.asynccontextmanager
async def asked(*answers: Answer, **more: Any) -> AsyncIterator[tuple[StandIn, "Asker"]]:
    """A server that answers so, and a swarm of nothing but it."""
    async with StandIn(*answers, **more).running() as stand_in, watched(stand_in.url, stand_in.key) as server:
        yield stand_in, Asker(Swarm([], [server]))


class Asker:
    def __init__(self, swarm: Swarm) -> None:
        self.swarm = swarm
        self.events: list[Event] = []

    async def ask(self, model: str = "big", text: str = "Hello?", **more: Any) -> list[Candidate]:
        self.events = []
        return await self.swarm.answer(request(model, text, **more), self._emit)

    async def _emit(self, event: Event) -> None:
        self.events.append(event)


def request(model: str = "big", text: str = "Hello?", **more: Any) -> ChatRequest:
    return replace(ChatRequest("r", model, (Message("user", (Text(text),)),)), **more)


def swarm_of(members: Sequence[Member], *servers: UpstreamServer) -> Asker:
    return Asker(Swarm(members, servers))


async def until(holds: Callable[[], bool]) -> None:
    with anyio.fail_after(10):
        while not holds():  # noqa: ASYNC110  nothing tells a test when
            await anyio.sleep(0.02)
