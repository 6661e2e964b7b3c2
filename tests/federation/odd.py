"""A node that has the certificate of one, and does what it likes."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from localswarm.federation.nodes import Endpoint
from localswarm.federation.race import Trust
from localswarm.federation.wire import versions

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def odd(trust: Trust, answer: Answer, words: str | None = versions.WORDS) -> AsyncIterator[Endpoint]:
    async def name_version(request: web.Request, response: web.StreamResponse) -> None:
        if words is not None:
            response.headers[versions.HEADER] = words

    app = web.Application()
    app.on_response_prepare.append(name_version)
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=trust.context).start()
    try:
        yield Endpoint("127.0.0.1", runner.addresses[0][1])
    finally:
        await runner.cleanup()


def always(body: bytes) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body)

    return answer
