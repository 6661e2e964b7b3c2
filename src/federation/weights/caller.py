"""A connection to one paired node, for a thread that may wait: whoever needs a model has nothing else to do."""

import http.client
import os
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from ...errors import SwarmError
from ..channel import peer_id
from ..nodes import Endpoint
from ..wire import versions

CONNECT = 2.0  # seconds: a neighbour on the same network answers in milliseconds
SILENCE = 8.0  # seconds without a byte, after which a loan is over
SHORT = 5.0  # seconds for all of a short answer, or the headers of a long one, however they drip
FAILURES = (OSError, http.client.HTTPException, SwarmError, ValueError)


@dataclass(frozen=True, slots=True)
class Caller:
    """Follows nowhere, and knows no proxies. All raise FAILURES. Without a context nothing is encrypted, and a node is
    known by its address alone."""

    context: ssl.SSLContext | None
    proven: Callable[[ssl.SSLSocket], str] = peer_id
    connect: float = CONNECT
    silence: float = SILENCE
    short: float = SHORT

    def ask(self, endpoint: Endpoint, path: str, most: int) -> tuple[str, int, bytes]:
        """The id of who answers, the status, and at most so many bytes."""
        with self._connected(endpoint) as (who, connection), within(self.short, connection.sock):
            answer = _answer(connection, path, {})
            return who, answer.status, answer.read(most)

    @contextmanager
    def stream(
        self, endpoint: Endpoint, path: str, headers: dict[str, str]
    ) -> Iterator[tuple[str, http.client.HTTPResponse]]:
        with self._connected(endpoint) as (who, connection):
            with within(self.short, connection.sock):
                answer = _answer(connection, path, headers)
            yield who, answer

    @contextmanager
    def _connected(self, endpoint: Endpoint) -> Iterator[tuple[str, http.client.HTTPConnection]]:
        connection = self._to(endpoint)
        try:
            connection.connect()
            who = self.proven(connection.sock) if isinstance(connection.sock, ssl.SSLSocket) else str(endpoint)
            connection.sock.settimeout(self.silence)
            yield who, connection
        finally:
            connection.close()

    def _to(self, endpoint: Endpoint) -> http.client.HTTPConnection:
        host, port = endpoint.host, endpoint.port
        if self.context:
            return http.client.HTTPSConnection(host, port, timeout=self.connect, context=self.context)
        return http.client.HTTPConnection(host, port, timeout=self.connect)


def _answer(connection: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> http.client.HTTPResponse:
    connection.request("GET", path, headers={versions.HEADER: versions.WORDS, **headers})
    return connection.getresponse()


@contextmanager
def within(seconds: float, connection: socket.socket) -> Iterator[None]:
    """What takes longer ends with an error: the time-out of a socket begins anew with each byte."""
    timer = threading.Timer(seconds, _end, (connection,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()  # so that it never ends what has this number later


def _end(connection: socket.socket) -> None:
    """Not closed: its number could be another's before the other thread looks at it again."""
    with suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
    if sys.platform == "linux":
        _replace(connection)


def _replace(connection: socket.socket) -> None:
    """Linux hands on what comes after a shutdown, so whoever sends without a pause would never be cut off. What is read
    from now on is the end."""
    deaf, other = socket.socketpair()
    other.close()
    with deaf, suppress(OSError):
        os.dup2(deaf.fileno(), connection.fileno(), inheritable=False)
