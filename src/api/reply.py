"""Answers that take time: streamed or whole. Whoever leaves is noticed at once, and the work for him is cancelled.

`work` is called with an `emit` and runs to the end of the answer. Until its first event nothing was sent, so that
every error found before has its own HTTP status; after it an error is an event in the stream.
"""

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

import anyio
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from ..chat import Candidate, Emit, Event
from ..errors import SwarmError
from . import failures
from .failures import Shape

Found = TypeVar("Found")
Work = Callable[[Emit], Awaitable[list[Candidate]]]

# Some clients give up after 120 seconds of silence; comments do not count for all of them.
SILENCE_SECONDS = 10.0
EVENT_STREAM = "text/event-stream; charset=utf-8"
STREAM_HEADERS = [
    (b"cache-control", b"no-cache"),
    # Reverse proxies such as nginx hold a stream back otherwise.
    (b"x-accel-buffering", b"no"),
]


class StreamWire(Protocol):
    """How one API writes its events, each as the bytes of whole server-sent events (or of whatever it streams)."""

    @property
    def content_type(self) -> str: ...

    @property
    def shape(self) -> Shape:
        """Of an error before the first event."""
        ...

    def event(self, event: Event) -> Iterable[bytes]: ...

    def idle(self) -> bytes:
        """A real event that says nothing."""
        ...

    def end(self) -> bytes: ...

    def failure(self, error: SwarmError) -> bytes: ...


async def while_client_stays(receive: Receive, *tasks: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run the first task to its end, the others beside it; cancel all of them when the client leaves."""
    async with anyio.create_task_group() as group:
        group.start_soon(_wait_for_leaving, receive, group.cancel_scope)
        for other in tasks[1:]:
            group.start_soon(other)
        await tasks[0]()
        group.cancel_scope.cancel()


class WholeReply(Response, Generic[Found]):
    """`hear` is told every event on the way to the whole answer: of when it came, say, candidates know nothing.
    `own`: headers, asked for once it is whole."""

    def __init__(
        self,
        work: Callable[[Emit], Awaitable[Found]],
        to_wire: Callable[[Found], dict[str, Any]],
        shape: Shape = failures.to_wire,
        hear: Callable[[Event], None] | None = None,
        own: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        super().__init__()
        self._work = work
        self._to_wire = to_wire
        self._shape = shape
        self._hear = hear
        self._own = own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await while_client_stays(receive, partial(self._answer, scope, receive, send))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            found = await self._work(self._emit)
            response = JSONResponse(self._to_wire(found), headers=self._own())
        except SwarmError as error:
            response = failures.to_response(error, self._shape)
            response.headers.update(self._own())
        await response(scope, receive, send)

    async def _emit(self, event: Event) -> None:
        if self._hear:
            self._hear(event)


class StreamReply(Response):
    def __init__(
        self, work: Work, wire: StreamWire, silence: float = SILENCE_SECONDS, own: Mapping[str, str] | None = None
    ) -> None:
        """`own`: headers beside those of every stream."""
        super().__init__()
        self._own = own or {}
        self._work = work
        self._wire = wire
        self._silence = silence

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        stream = _Stream(send, self._wire.content_type, self._own)
        answer = partial(self._answer, stream, scope, receive)
        await while_client_stays(receive, answer, partial(self._break_silence, stream))

    async def _answer(self, stream: "_Stream", scope: Scope, receive: Receive) -> None:
        try:
            await self._work(partial(self._emit, stream))
            await stream.write(self._wire.end())
        except SwarmError as error:
            if not stream.started:
                response = failures.to_response(error, self._wire.shape)
                response.headers.update(self._own)
                await response(scope, receive, stream.send)
                return
            await stream.write(self._wire.failure(error))
        except Exception:
            # Whoever handles it further up can only cut the connection, and to agents that is a reason to wait.
            if stream.started:
                await stream.write(self._wire.failure(failures.unforeseen()))
                await stream.end()
            raise
        await stream.end()

    async def _emit(self, stream: "_Stream", event: Event) -> None:
        await stream.write(b"".join(self._wire.event(event)))

    async def _break_silence(self, stream: "_Stream") -> None:
        while True:
            await anyio.sleep(self._silence / 4)
            if stream.silent_for(self._silence):
                await stream.write(self._wire.idle())


class _Stream:
    """One response on its way: its head goes out with the first event, even one that has nothing to write."""

    def __init__(self, send: Send, content_type: str, own: Mapping[str, str]) -> None:
        self.send = send
        self.started = False
        added = [(name.lower().encode(), value.encode()) for name, value in own.items()]
        self._headers = [(b"content-type", content_type.encode()), *STREAM_HEADERS, *added]
        self._last = 0.0
        # A client that reads slowly holds a write up; what is said to break the silence must not pile up behind it.
        self._writing = anyio.Lock(fast_acquire=True)

    async def write(self, data: bytes) -> None:
        async with self._writing:
            if not self.started:
                self.started = True
                await self.send({"type": "http.response.start", "status": 200, "headers": self._headers})
            if data:
                await self.send({"type": "http.response.body", "body": data, "more_body": True})
            self._last = anyio.current_time()

    def silent_for(self, seconds: float) -> bool:
        return self.started and not self._writing.locked() and anyio.current_time() - self._last >= seconds

    async def end(self) -> None:
        async with self._writing:
            await self.send({"type": "http.response.body", "body": b"", "more_body": False})


async def _wait_for_leaving(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()
