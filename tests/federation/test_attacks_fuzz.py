"""Every message between nodes, spoiled in every way, through the real door and with a certificate of the swarm."""

import http.client
import json
import ssl
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from localswarm.chat import ToolCall
from localswarm.federation import channel
from localswarm.federation.authority import derived
from localswarm.federation.nodes import Rumour
from localswarm.federation.wire import messages, versions
from localswarm.federation.wire.codec import Codec
from localswarm.federation.wire.events import read_line
from localswarm.federation.wire.faults import FAULT

from .liar import HERE
from .members import member
from .swarms import Running, Swarm
from .tooled import Tooled
from .wire.test_codec import JSON, REQUEST, any_of

# The node in the other thread draws its own.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the .random. module inside strategies")

MESSAGES: dict[str, tuple[Codec[Any], Any]] = {
    "/swarm/probe": (messages.PROBE, messages.Probe((Rumour("b", "gone", 1),))),
    "/swarm/probe-for": (messages.PROBE_FOR, messages.ProbeFor("b")),
    "/swarm/bye": (messages.BYE, messages.Bye(3)),
    "/swarm/generate": (messages.ASK, messages.Ask("local", REQUEST)),
    "/swarm/count": (messages.ASK, messages.Ask("local", REQUEST)),
    "/swarm/tokenize": (messages.TO_TOKENS, messages.ToTokens("local", "text", True)),
    "/swarm/detokenize": (messages.TO_TEXT, messages.ToText("local", (1, 2))),
    "/swarm/embed": (messages.TO_VECTORS, messages.ToVectors("local", ("a", "b"))),
    "/swarm/tools/execute": (messages.EXECUTE, messages.Execute(ToolCall("c", "wait", "{}"), "me", "s")),
}
REFUSALS = (400, 404, 405, 413, 503)
# What the inside of a node looks like.
INSIDE = (b"Traceback", b".py", b"localswarm.", b"site-packages", b"Something went wrong")


class Node:
    def __init__(self, running: Running, context: ssl.SSLContext) -> None:
        self.running = running
        self._context = context
        self._port = running.federation.port
        self._connection = self._new()

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        for _ in range(2):
            try:
                self._connection.request(method, path, body, {versions.HEADER: versions.WORDS})
                response = self._connection.getresponse()
                return response.status, response.read()
            except (OSError, http.client.HTTPException):
                self.close()
                self._connection = self._new()
        raise AssertionError("the node answers nothing")

    def raw(self, data: bytes) -> bytes:
        with closing(self._new()) as connection:
            connection.connect()
            connection.sock.settimeout(2)
            try:
                connection.sock.sendall(data)
                return connection.sock.recv(2**16)
            except OSError:
                return b""

    def close(self) -> None:
        self._connection.close()

    def _new(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(HERE, self._port, timeout=5, context=self._context)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder: Path = tmp_path_factory.mktemp("swarm")
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Tooled(folder)) as tooled,
        portal.wrap_async_context_manager(Swarm(folder)) as swarm,
    ):
        running = _started(portal, swarm, tooled)
        one = Node(running, channel.client_context(member(derived(swarm.code))))
        yield one
        one.close()
        assert not running.task.done(), "it stayed up"


def _started(portal: BlockingPortal, swarm: Swarm, tooled: Tooled) -> Running:
    async def start() -> Running:
        return swarm.start("first", tools=tooled.shared)

    return portal.call(start)


def _is_right(node: Node, status: int, data: bytes) -> None:
    """A clear answer or a clear refusal, and nothing of the inside."""
    assert not any(word in data for word in INSIDE), data
    assert not node.running.task.done()
    if status == 200:
        return
    assert status in REFUSALS, (status, data)
    fault = FAULT.load(data)
    assert fault.message and fault.names


def _ends(data: bytes) -> None:
    """A stream is whole: its last line is its end."""
    for line in data.splitlines():
        read_line(line)
    assert data.endswith(b"}\n")


spoiling = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("path", [*MESSAGES, "/swarm/tools/list"])
@spoiling
@given(st.one_of(st.binary(max_size=60), JSON.map(json.dumps).map(str.encode)))
def test_rubbish(node: Node, path: str, body: bytes) -> None:
    _is_right(node, *node.ask("POST", path, body))


@pytest.mark.parametrize("path", MESSAGES)
@spoiling
@given(st.data())
def test_one_wrong_value(node: Node, path: str, data: st.DataObject) -> None:
    codec, value = MESSAGES[path]
    sent = codec.put(value)
    place, key = sent, data.draw(st.sampled_from(sorted(sent)))
    while isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans()):
        place = place[key]
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
    place[key] = data.draw(JSON)
    _is_right(node, *node.ask("POST", path, json.dumps(sent).encode()))


@spoiling
@given(any_of(messages.Ask), st.sampled_from(["/swarm/generate", "/swarm/count"]))
def test_every_request_that_can_be_written(node: Node, ask: messages.Ask, path: str) -> None:
    body = messages.ASK.dump(messages.Ask("local", ask.request))
    status, data = node.ask("POST", path, body)
    _is_right(node, status, data)
    if status == 200:
        _ends(data)


@spoiling
@given(any_of(messages.Execute))
def test_every_call_that_can_be_written(node: Node, ask: messages.Execute) -> None:
    status, data = node.ask("POST", "/swarm/tools/execute", messages.EXECUTE.dump(ask))
    assert status == 200
    _is_right(node, status, data)
    _ends(data)


@spoiling
@given(any_of(messages.Probe))
def test_every_rumour(node: Node, probe: messages.Probe) -> None:
    status, data = node.ask("POST", "/swarm/probe", messages.PROBE.dump(probe))
    assert status == 200 and messages.PROBED.load(data)


PATH = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40)


@spoiling
@given(st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"]), PATH)
def test_every_path(node: Node, method: str, path: str) -> None:
    for begin in ("/", "/swarm/", "/swarm/weights/", "/swarm/weights?digest="):
        status, data = node.ask(method, begin + path)
        if method != "HEAD":
            _is_right(node, status, data)


@spoiling
@given(
    st.one_of(st.binary(min_size=1, max_size=80), st.binary(max_size=40).map(lambda data: b"POST /swarm/bye " + data))
)
def test_what_is_no_http(node: Node, data: bytes) -> None:
    answer = node.raw(data + b"\r\n\r\n")
    assert b" 200 " not in answer[:20] and not any(word in answer for word in INSIDE)
