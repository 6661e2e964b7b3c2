"""`bench`: real figures of a real node."""

import json
from pathlib import Path

import pytest
from localswarm.cli.bench import Report, in_words
from localswarm.cli.client import Client, NodeFailed
from localswarm.cli.measure import Figure, every, read, write

from ..running import RunningNode
from .command import answering, run, sentence


def test_a_running_node(tmp_path: Path) -> None:
    with RunningNode(tmp_path, "--context", "700", "--instances", "1") as node:
        said = run("bench", "--url", node.base, "--rounds", "1", "--json")
    assert said.returncode == 0, said.stderr
    found = json.loads(said.stdout)
    assert "smollm2" in found["model"].lower() and not found["own_node"] and found["rounds"] == 1
    rates = {figure["name"]: figure["rate"] for figure in found["figures"]}
    assert rates["read 512 tokens"] > rates["write 1 at once"] > 1
    assert rates["read 2048 tokens"] is None and rates["write 4 at once"] is None


def test_what_does_not_fit_is_left_out() -> None:
    with answering({"/v1/chat/completions": (200, b"{}")}) as (url, _):
        figures = list(every(Client(url), {"context_length": 300, "seats": 0}, 1))
    assert [figure.rate for figure in figures] == [None] * 5
    assert "300 tokens" in figures[0].note and "0 seats" in figures[-1].note


def test_cached_tokens_do_not_count_as_read() -> None:
    usage = b'{"usage": {"prompt_tokens": 1000, "prompt_tokens_details": {"cached_tokens": 1000}}}'
    with answering({"/v1/chat/completions": (200, usage)}) as (url, _):
        assert read(Client(url), 1000) == 0


def test_an_error_of_one_writer_is_the_error_of_all() -> None:
    refusal = (503, b'{"error": {"message": "shutting down"}}')
    with answering({"/v1/chat/completions": refusal}) as (url, _), pytest.raises(NodeFailed, match="shutting down"):
        write(Client(url), 4)


def test_the_table() -> None:
    figures = [Figure("read 512 tokens", 400.0), Figure("write 8 at once", None, "there are only 4 seats")]
    lines = in_words(Report("a-model", True, 3, figures)).splitlines()
    assert lines[0] == "a-model, a node of its own, medians of 3"
    assert lines[-2].split() == ["read", "512", "tokens", "400.0"]
    assert lines[-1].split(maxsplit=5)[-2:] == ["-", "there are only 4 seats"]


def test_no_node_where_one_was_named() -> None:
    assert "No node runs at" in sentence(run("bench", "--url", "http://localhost:1"))
