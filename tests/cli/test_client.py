"""Asking a node: addresses, keys, and every way in which an answer can fail."""

import argparse
import socket
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from localswarm.cli.client import Client, NodeDown, NodeFailed, base_of
from localswarm.cli.connect import connect, own_address
from localswarm.settings import Settings

from .command import answering

CHAT = "/v1/chat/completions"


def words(url: str | None = None, key_file: Path | None = None) -> argparse.Namespace:
    return argparse.Namespace(url=url, api_key_file=str(key_file) if key_file else None)


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://localhost:1/v1", "http://localhost:1"),
        ("http://localhost:1/v1/", "http://localhost:1"),
        ("localhost:1", "http://localhost:1"),
        ("https://a/b/v1", "https://a/b"),
        ("[::1]:5", "http://[::1]:5"),
    ],
)
def test_addresses_as_people_write_them(url: str, base: str) -> None:
    assert base_of(url) == base


@pytest.mark.parametrize(
    "url", ["", "ftp://a", "http://", "http://a:x", "http://a:99999", "http://a b", "http://u:p@a"]
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(NodeFailed, match="is not an address"):
        base_of(url)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("localhost", "http://localhost:7"),
        ("0.0.0.0", "http://localhost:7"),
        ("::", "http://localhost:7"),
        ("10.0.0.5", "http://10.0.0.5:7"),
        ("fe80::1", "http://[fe80::1]:7"),
    ],
)
def test_the_address_of_our_own_node(host: str, url: str) -> None:
    assert own_address(Settings(host=host, port=7)) == url


def test_a_port_that_nobody_knows() -> None:
    with pytest.raises(NodeFailed, match="--url"):
        own_address(Settings(port=0))


def test_the_key_of_this_machine_stays_on_it(tmp_path: Path) -> None:
    tmp_path.joinpath("api-key").write_text("kept\n")
    tmp_path.joinpath("other").write_text("given")
    settings = Settings(state_dir=tmp_path)

    def sent(url: str | None, with_settings: Settings = settings, file: Path | None = None) -> str | None:
        return connect(with_settings, words(url, file))._key

    assert sent(None) == "kept"
    assert sent("http://127.0.0.1:5") == "kept"
    assert sent("http://10.0.0.9:5") is None
    assert sent("http://10.0.0.9:5", replace(settings, api_key="set")) == "set"
    assert sent("http://10.0.0.9:5", file=tmp_path / "other") == "given"
    with pytest.raises(NodeFailed, match="No such file"):
        sent(None, file=tmp_path / "none")
    tmp_path.joinpath("other").write_text("two\nlines")
    with pytest.raises(NodeFailed, match="does not hold an API key"):
        sent(None, file=tmp_path / "other")


def test_the_key_is_sent() -> None:
    with answering({"/health": (200, b"{}")}) as (url, seen):
        Client(url, "k").health()
    assert seen[0][0]["Authorization"] == "Bearer k"


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (200, b"<html>", "is not a Local Swarm node"),
        (200, b"[]", "is not a Local Swarm node"),
        (200, b'{"data": 1}', "is not a Local Swarm node"),
        (200, b'{"data": [1]}', "is not a Local Swarm node"),
        (200, b"\xff", "is not a Local Swarm node"),
        (200, b"[" * 100_000, "is not a Local Swarm node"),
        (401, b'{"error": {"message": "A valid API key is required"}}', "A valid API key is required"),
        (500, b'{"error": 1}', "status 500"),
    ],
)
def test_odd_answers(status: int, body: bytes, words: str) -> None:
    with answering({"/v1/models": (status, body)}) as (url, _), pytest.raises(NodeFailed, match=words):
        Client(url).models()


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (200, b'data: {"choices": []}\n\n', "broke off"),
        (200, b"data: rubbish\n\n", "is not a Local Swarm node"),
        (200, b"data: 1\n\n", "is not a Local Swarm node"),
        (200, b"data: " + b"[" * 50_000 + b"\n\n", "is not a Local Swarm node"),
        (200, b'data: {"error": {"message": "The engine died."}}\n\n', "The engine died."),
        (400, b'{"error": {"message": "too long"}}', "too long"),
    ],
)
def test_odd_streams(status: int, body: bytes, words: str) -> None:
    with answering({CHAT: (status, body)}) as (url, _), pytest.raises(NodeFailed, match=words):
        list(Client(url).stream({}))


def test_a_whole_stream() -> None:
    body = b': comment\n\ndata: {"a": 1}\n\ndata: [DONE]\n\ndata: {"a": 2}\n\n'
    with answering({CHAT: (200, body)}) as (url, seen):
        assert list(Client(url).stream({"b": 2})) == [{"a": 1}]
    assert seen[0][1] == {"b": 2, "stream": True}


def test_nobody_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(NodeDown, match=f"No node runs at http://127.0.0.1:{port}. Start one"):
        Client(f"http://127.0.0.1:{port}").health()
    with pytest.raises(NodeDown, match="is not known"):
        Client("http://no-such-name.invalid").health()


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"])
def test_a_server_that_hangs_up(said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            connection.recv(4096)
            connection.sendall(said)
            connection.close()

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(NodeFailed, match="broke off"):
            Client(f"http://127.0.0.1:{server.getsockname()[1]}").health()
        thread.join()


def test_a_server_that_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = Client(f"http://127.0.0.1:{server.getsockname()[1]}", patience=0.2)
        with pytest.raises(NodeFailed, match="did not answer in time"):
            client.chat({})
