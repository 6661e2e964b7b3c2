"""A node: the only module that knows every part. `build` puts them together, `run` is one task group."""

import contextlib
import errno
import os
import secrets
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

import anyio
import uvicorn

from .api.app import create_app
from .api.guard import Access
from .engines.base import Card, EngineOptions
from .engines.process import EngineProcess
from .errors import PortTaken, SettingError, StartError
from .hardware import cpu, machine
from .models.choose import Choice, choose
from .settings import Settings
from .swarm.answer import Swarm
from .swarm.worker import Worker

LOOPBACK = ("localhost", "127.0.0.1", "::1")
# Together they keep the promise that Ctrl-C ends in under two seconds.
DRAIN_SECONDS = 1.0
CLOSE_SECONDS = 0.5
BACKLOG = 2048
KEY_FILE = "api-key"
PLAIN_TEMPLATE = "prompts/plain_chat.jinja"


@dataclass(frozen=True, slots=True)
class Started:
    """What a node tells when it can answer."""

    hardware: machine.Hardware
    choice: Choice
    card: Card
    settings: Settings
    url: str

    @property
    def key_file(self) -> Path | None:
        """Where the key lies that was made because the node listens beyond loopback."""
        made = self.settings.host not in LOOPBACK and not self.settings.api_key
        return self.settings.state_dir / KEY_FILE if made else None


class Server(uvicorn.Server):
    """The node handles signals itself: it drains before the server stops."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Node:
    def __init__(self, settings: Settings, choice: Choice, sockets: list[socket.socket], access: Access) -> None:
        self._settings = settings
        self._choice = choice
        self._sockets = sockets
        self._stop = anyio.Event()
        self._served = anyio.Event()
        self._failure: StartError | None = None
        self.on_progress: Callable[[float], None] = lambda _: None
        options = EngineOptions(
            choice.path, settings.context, settings.instances, threads=settings.threads or cpu.cores()
        )
        log = settings.state_dir / "engine.log"
        self.engine = EngineProcess(options, log, on_progress=lambda part: self.on_progress(part))
        plain = _config_folder().joinpath(PLAIN_TEMPLATE).read_text()
        self._swarm = Swarm([Worker("local", self.engine, plain)])
        app = create_app(self._swarm, access, version("localswarm"))
        self._server = Server(
            uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off", server_header=False)
        )

    async def run(self, started: Callable[[Started], None]) -> None:
        """Serve until a signal says stop. StartError where the model cannot be loaded."""
        async with anyio.create_task_group() as group:
            for service in (self._wait_for_signals, self._serve, self.engine.run, partial(self._announce, started)):
                group.start_soon(service)
            await self._stop.wait()
            await self._swarm.drain(DRAIN_SECONDS)
            await self._close()
            group.cancel_scope.cancel()
        if self._failure:
            raise self._failure

    async def _announce(self, started: Callable[[Started], None]) -> None:
        try:
            card = await self.engine.first_card()
        except StartError as error:
            self._failure = error
            self._stop.set()
        else:
            started(Started(machine.detect(), self._choice, card, self._settings, self._url()))

    async def _wait_for_signals(self) -> None:
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async for _ in signals:
                if self._stop.is_set():
                    # The engine process ends by itself when its stdin does.
                    os._exit(130)
                self._stop.set()

    async def _serve(self) -> None:
        await self._server.serve(self._sockets)
        self._served.set()

    async def _close(self) -> None:
        """Answers that still run end in an error that says why; then the connections are closed."""
        await self.engine.close()
        self._server.should_exit = True
        with anyio.move_on_after(CLOSE_SECONDS):
            await self._served.wait()

    def _url(self) -> str:
        host, port = self._settings.host, self._sockets[0].getsockname()[1]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}/v1"


def build(settings: Settings) -> Node:
    """Everything that can fail at a start fails here, before anything runs."""
    choice = choose(settings)
    make_folder(settings.state_dir)
    access = Access() if settings.host in LOOPBACK and not settings.api_key else Access(api_key(settings))
    return Node(settings, choice, listen(settings.host, settings.port), access)


def listen(host: str, port: int) -> list[socket.socket]:
    """One socket, or for `localhost` one in each family that the machine has."""
    first = _bind("127.0.0.1" if host == "localhost" else host, port)
    sockets = [first]
    if host == "localhost":
        with contextlib.suppress(PortTaken, SettingError):
            sockets.append(_bind("::1", first.getsockname()[1]))
    return sockets


def _bind(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise SettingError(f"--host {host}: this machine has no such address ({error.strerror}).") from None
    bound = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(address)
        bound.listen(BACKLOG)
    except OSError as error:
        bound.close()
        raise _bind_failure(host, port, error) from None
    return bound


def _bind_failure(host: str, port: int, error: OSError) -> StartError:
    if error.errno == errno.EADDRINUSE:
        return PortTaken(
            f"Port {port} on {host} is taken by another program, perhaps a node that already runs. "
            f"Stop that one, or take another port: python main.py --auto --port {port + 1}"
        )
    if error.errno == errno.EACCES:
        return SettingError(f"--port {port}: this user may not listen there. Take a port above 1023.")
    return SettingError(f"--host {host}: cannot listen there ({error.strerror}).")


def make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.joinpath(".write-test").touch()
        path.joinpath(".write-test").unlink()
    except OSError as error:
        raise SettingError(
            f"The state folder {path} cannot be written ({error.strerror}). Choose another: --state-dir FOLDER"
        ) from None


def api_key(settings: Settings) -> str:
    """The configured key, or one made once and kept in the state folder."""
    if settings.api_key:
        return settings.api_key
    path = settings.state_dir / KEY_FILE
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(24))
    return path.read_text().strip()


def _config_folder() -> Path:
    """Inside the package when installed from a wheel, beside `src/` in a checkout."""
    here = Path(__file__).resolve().parent
    return next(folder for folder in (here / "config", here.parent / "config") if folder.is_dir())
