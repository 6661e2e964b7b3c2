"""HTTP on sockets that are open already, for as long as the node lets it."""

import contextlib
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

# For what is still being sent when nobody is answered any more. With the time to drain, Ctrl-C ends in two seconds.
CLOSE_SECONDS = 0.5


class Server(uvicorn.Server):
    """The node handles signals itself: it drains before its servers stop."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off", server_header=False)
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
