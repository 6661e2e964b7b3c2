"""Asks a running node over HTTP, with the standard library alone: these commands must start fast, and work where the
server itself does not."""

import json
import socket
import uuid
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import SplitResult, urlsplit

from ..errors import SwarmError

# A node that lives answers at once, even while it loads a model or writes; so much is a LAN's worst day.
QUICK_SECONDS = 5.0
# A whole answer has no sign of life before its end; a stream has one every 10 seconds.
ANSWER_SECONDS = 1800.0
STREAM_SECONDS = 60.0
# A user may be asked about it first, and then it takes its time.
CALL_SECONDS = 150.0
OK = 200
NOT_FOUND = 404


class NodeFailed(SwarmError):
    """A node could not be asked, or did not do what it was asked for."""


class NodeDown(NodeFailed):
    """Nobody listens there."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: dict[str, Any]

    @property
    def message(self) -> str:
        """What a refusal says of itself."""
        error = self.body.get("error")
        inner = error if isinstance(error, dict) else self.body
        return str(inner.get("message") or f"the server answered with status {self.status}")


class Client:
    def __init__(self, url: str, key: str | None = None, patience: float = ANSWER_SECONDS) -> None:
        self.url = base_of(url)
        self._parts = urlsplit(self.url)
        self._key = key
        self._patience = patience

    def health(self) -> Reply:
        """Of any status: 503 is an answer too."""
        return self._ask("GET", "/health", None, QUICK_SECONDS)

    def models(self) -> list[dict[str, Any]]:
        reply = self._checked(self._ask("GET", "/v1/models", None, QUICK_SECONDS))
        found = reply.get("data")
        if not isinstance(found, list) or not all(isinstance(one, dict) and "id" in one for one in found):
            raise self.foreign()
        return found

    def federation(self) -> dict[str, Any] | None:
        """The nodes of its swarm; None where it is too old to know any."""
        reply = self._ask("GET", "/v1/federation/health", None, QUICK_SECONDS)
        return None if reply.status == NOT_FOUND else self._checked(reply)

    def tools(self) -> list[dict[str, Any]]:
        """Of its tool host; NodeFailed where it is none."""
        found = self._checked(self._ask("GET", "/v1/tools", None, QUICK_SECONDS)).get("data")
        if not isinstance(found, list) or not all(isinstance(one, dict) and "name" in one for one in found):
            raise self.foreign()
        return found

    def execute(self, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """One call of a tool of its host, and what came of it."""
        body = {"tool": tool, "arguments": arguments, "id": uuid.uuid4().hex}
        return self._checked(self._ask("POST", "/v1/tools/execute", body, CALL_SECONDS))

    def chat(self, body: dict[str, Any]) -> dict[str, Any]:
        """A whole answer."""
        return self._checked(self.whole(body))

    def whole(self, body: dict[str, Any]) -> Reply:
        """A whole answer, or why there is none."""
        return self._ask("POST", "/v1/chat/completions", body, self._patience)

    def request(self, request_id: str) -> dict[str, Any]:
        """How the answer to it was chosen, with all that was said."""
        return self._checked(self._ask("GET", f"/v1/swarm/requests/{request_id}", None, QUICK_SECONDS))

    def stream(self, body: dict[str, Any]) -> Generator[dict[str, Any], None, None]:
        """The events of a streamed answer. Closing the iterator ends the answer, on the node too."""
        with closing(self._connection(min(STREAM_SECONDS, self._patience))) as connection:
            try:
                response = self._send(connection, "POST", "/v1/chat/completions", body | {"stream": True})
                if response.status != OK:
                    raise NodeFailed(self._reply(response).message)
                yield from _events(response)
            except (OSError, HTTPException) as error:
                raise self._broken(error) from None
            except (ValueError, RecursionError):
                raise self.foreign() from None

    def foreign(self) -> NodeFailed:
        return NodeFailed(f"What answers at {self.url} is not a Local Swarm node. Give the address of one with --url.")

    def _ask(self, method: str, path: str, body: dict[str, Any] | None, seconds: float) -> Reply:
        with closing(self._connection(seconds)) as connection:
            try:
                return self._reply(self._send(connection, method, path, body))
            except (OSError, HTTPException) as error:
                raise self._broken(error) from None

    def _connection(self, seconds: float) -> HTTPConnection:
        kind = HTTPSConnection if self._parts.scheme == "https" else HTTPConnection
        return kind(self._parts.hostname or "", self._parts.port, timeout=seconds)

    def _send(self, connection: HTTPConnection, method: str, path: str, body: dict[str, Any] | None) -> HTTPResponse:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        connection.request(method, self._parts.path + path, json.dumps(body) if body is not None else None, headers)
        return connection.getresponse()

    def _reply(self, response: HTTPResponse) -> Reply:
        try:
            body = json.loads(response.read())
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            raise self.foreign()
        return Reply(response.status, body)

    def _checked(self, reply: Reply) -> dict[str, Any]:
        if reply.status != OK:
            raise NodeFailed(reply.message)
        return reply.body

    def _broken(self, error: Exception) -> NodeFailed:
        if isinstance(error, ConnectionRefusedError):
            return NodeDown(f"No node runs at {self.url}. Start one with: python main.py --auto")
        if isinstance(error, socket.gaierror):
            return NodeDown(f"The name {self._parts.hostname} is not known ({error.strerror}). Check the address.")
        if isinstance(error, TimeoutError):
            return NodeFailed(f"{self.url} did not answer in time. See how it is with: python main.py status")
        if isinstance(error, OSError) and not isinstance(error, ConnectionError):
            return NodeDown(f"{self.url} cannot be reached ({error.strerror or error}). Check the address.")
        return NodeFailed(f"The connection to {self.url} broke off. See whether it runs with: python main.py status")


def base_of(url: str) -> str:
    """The address without what people copy along with it; NodeFailed where it is none."""
    parts = _split(url if "://" in url else f"http://{url}")
    path = parts.path.rstrip("/").removesuffix("/v1").rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path}"


def _split(url: str) -> SplitResult:
    wrong = NodeFailed(f"--url {url} is not an address. Give it one like http://localhost:17615")
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  reading it is what checks it
    except ValueError:
        raise wrong from None
    plain = all("!" <= mark <= "~" for mark in url)
    if not plain or parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise wrong
    return parts


def _events(response: HTTPResponse) -> Iterator[dict[str, Any]]:
    for line in response:
        if not line.startswith(b"data: "):
            continue
        data = line[6:].strip()
        if data == b"[DONE]":
            return
        event = json.loads(data)
        if not isinstance(event, dict):
            raise ValueError
        if "error" in event:
            raise NodeFailed(Reply(OK, event).message)
        yield event
    raise NodeFailed("The answer broke off before its end. Ask again.")
