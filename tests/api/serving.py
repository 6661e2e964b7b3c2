"""The real application behind a real socket, over a member of the test's own."""

import contextlib
import threading
import time
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI
from localswarm.api.app import create_app
from localswarm.api.guard import Access
from localswarm.node.listen import listen
from localswarm.swarm.answer import Swarm
from localswarm.swarm.member import Member


@contextlib.contextmanager
def served(*members: Member, key: str | None = None, access: Access | None = None) -> Iterator[str]:
    """The address, without a path, of a server that runs in a thread of its own."""
    with serving(Swarm(members), access or Access(key)) as address:
        yield address


@contextlib.contextmanager
def serving(swarm: Swarm, access: Access) -> Iterator[str]:
    with listening(create_app(swarm, access, "test")) as address:
        yield address


@contextlib.contextmanager
def listening(app: FastAPI) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    sockets = listen("127.0.0.1", 0)
    thread = threading.Thread(target=server.run, args=(sockets,), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        for one in sockets:
            one.close()
