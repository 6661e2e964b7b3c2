"""A hub on this machine: the API that huggingface_hub asks, files by range, and faults on demand.

Like the real one it sends large files from another host, by redirection: `localhost` is the hub and `127.0.0.1` the
other host.
"""

import hashlib
import json
import re
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

COMMIT = "c0ffee" * 6 + "c0de"
HTML = b"<!doctype html><title>Log in to the network of the hotel</title>"
CHUNK = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """What the next request whose path contains `path` gets instead of the truth."""

    status: int
    path: str = ""
    body: bytes = b"{}"
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that is killed or has had enough is what many tests are about."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@dataclass
class Asked:
    method: str
    path: str
    begin: int  # of the range; 0 without one
    token: str | None
    sent: int = 0  # bytes of the body that went out


class StandInHub:
    def __init__(self) -> None:
        self.repos: dict[str, dict[str, bytes]] = {}
        self.commit = COMMIT
        self.asked: list[Asked] = []
        self.answers: list[Answer] = []
        self.cuts: list[int] = []  # the next bodies end after so many bytes
        self.corrupt_at: int | None = None
        self.pause = 0.0  # seconds after each chunk of 64 KiB
        self.hold_at: int | None = None  # bytes of a body, after which it waits for `go_on`
        self.go_on = threading.Event()
        self.ranges = True
        self.padding = 0  # bytes that the length in the header is too large by
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def endpoint(self) -> str:
        return f"http://localhost:{self.port}"

    def bodies(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.method == "GET" and not asked.path.startswith("/api/")]

    def sent(self) -> int:
        return sum(asked.sent for asked in self.bodies())

    def take(self, path: str) -> Answer | None:
        for answer in self.answers:
            if answer.path in path:
                self.answers.remove(answer)
                return answer
        return None


def is_large(name: str) -> bool:
    return name.endswith((".gguf", ".safetensors"))


def etag(name: str, data: bytes) -> str:
    return hashlib.sha256(data).hexdigest() if is_large(name) else git_name(data)


def git_name(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def _sibling(name: str, data: bytes) -> dict[str, Any]:
    sibling: dict[str, Any] = {"rfilename": name, "size": len(data), "blobId": git_name(data)}
    if is_large(name):
        sibling["lfs"] = {"sha256": etag(name, data), "size": len(data), "pointerSize": 134}
    return sibling


def _entry(name: str, data: bytes) -> dict[str, Any]:
    entry: dict[str, Any] = {"type": "file", "path": name, "size": len(data), "oid": git_name(data)}
    if is_large(name):
        entry["lfs"] = {"oid": etag(name, data), "size": len(data), "pointerSize": 134}
    return entry


def _handler(hub: StandInHub) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        stand_in = hub

    return Handler


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stand_in: StandInHub

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.note = Asked(self.command, path, self._begin(), self.headers.get("Authorization"))
        self.stand_in.asked.append(self.note)
        planted = self.stand_in.take(path)
        try:
            if planted:
                self._say(planted.status, planted.body, planted.kind, planted.headers)
            elif path.startswith("/api/models/"):
                self._api(path.removeprefix("/api/models/"))
            elif path.startswith("/large/"):
                self._large(path.removeprefix("/large/"))
            else:
                self._resolve(path)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _api(self, path: str) -> None:
        found = re.fullmatch(r"([^/]+/[^/]+)(?:/(tree|revision)/([^/]+))?/?", path)
        if not found or found[1] not in self.stand_in.repos:
            return self._missing("RepoNotFound", 401)
        if found[3] not in (None, "main", self.stand_in.commit):
            return self._missing("RevisionNotFound")
        files = self.stand_in.repos[found[1]].items()
        tree = [_entry(*file) for file in files]
        model = {"id": found[1], "sha": self.stand_in.commit, "siblings": [_sibling(*file) for file in files]}
        self._say(200, json.dumps(tree if found[2] == "tree" else model).encode())

    def _resolve(self, path: str) -> None:
        found = re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path)
        if not found or found[1] not in self.stand_in.repos:
            return self._missing("RepoNotFound", 401)
        if found[2] not in ("main", self.stand_in.commit):
            return self._missing("RevisionNotFound")
        data = self.stand_in.repos[found[1]].get(found[3])
        if data is None:
            return self._missing("EntryNotFound")
        headers = {"X-Repo-Commit": self.stand_in.commit, "ETag": f'"{etag(found[3], data)}"'}
        if not is_large(found[3]):
            return self._body(data, headers)
        linked = {"X-Linked-Etag": headers["ETag"], "X-Linked-Size": str(len(data))}
        there = f"http://127.0.0.1:{self.stand_in.port}/large/{found[1]}/{found[3]}"
        self._say(302, b"", headers=headers | linked | {"Location": there})

    def _large(self, path: str) -> None:
        owner, name, file = path.split("/", 2)
        self._body(self.stand_in.repos[f"{owner}/{name}"][file], {"ETag": '"of the other host"'})

    def _body(self, data: bytes, headers: dict[str, str]) -> None:
        begin, end, status = 0, len(data), 200
        if self.stand_in.ranges and self.headers.get("Range"):
            begin, end, status = self._begin(), self._end(len(data)), 206
            if begin >= len(data):
                return self._say(416, b"", headers={"Content-Range": f"bytes */{len(data)}"})
            headers = headers | {"Content-Range": f"bytes {begin}-{end - 1}/{len(data)}"}
        if self.stand_in.corrupt_at is not None and self.stand_in.corrupt_at < len(data):
            spoilt = bytearray(data)
            spoilt[self.stand_in.corrupt_at] ^= 0xFF
            data = bytes(spoilt)
        self._head(status, end - begin + self.stand_in.padding, "application/octet-stream", headers)
        if self.command == "GET":
            self._send(data[begin:end])

    def _send(self, data: bytes) -> None:
        most = self.stand_in.cuts.pop(0) if self.stand_in.cuts else len(data)
        for at in range(0, min(most, len(data)), CHUNK):
            chunk = data[at : min(at + CHUNK, most)]
            self.note.sent += len(chunk)  # before the client can have it, and look
            self.wfile.write(chunk)
            if self.stand_in.hold_at is not None and self.note.sent >= self.stand_in.hold_at:
                self.stand_in.go_on.wait()
            time.sleep(self.stand_in.pause)
        if most < len(data) or self.stand_in.padding:
            self.close_connection = True

    def _missing(self, code: str, status: int = 404) -> None:
        self._say(status, headers={"X-Error-Code": code, "X-Error-Message": code})

    def _say(
        self, status: int, body: bytes = b"{}", kind: str = "application/json", headers: dict[str, str] | None = None
    ) -> None:
        self._head(status, len(body), kind, headers or {})
        if self.command == "GET":
            self.wfile.write(body)

    def _head(self, status: int, length: int, kind: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(length), "Content-Type": kind} | headers).items():
            self.send_header(name, value)
        self.end_headers()

    def _range(self) -> list[str]:
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        return [found[1], found[2]] if found else ["0", ""]

    def _begin(self) -> int:
        return int(self._range()[0])

    def _end(self, length: int) -> int:
        last = self._range()[1]
        return min(int(last) + 1, length) if last else length
