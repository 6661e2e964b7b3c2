"""`tools`: the words as users have them."""

import json
from pathlib import Path
from typing import Any

import pytest
from localswarm.tools.audit import Audit, entry

from .command import answering, run, sentence


def logged(folder: Path, id: str, tool: str = "bash", arguments: str = '{"command": "ls"}') -> None:
    audit, call = Audit(folder), (id, tool, arguments)
    audit.write(entry("begun", ("local", "127.0.0.1"), call, decision="ask: yes"))
    audit.write(entry("ended", ("local", "127.0.0.1"), call, decision="ask: yes", state="done", size=12, seconds=0.25))


def test_the_log_in_words(tmp_path: Path) -> None:
    logged(tmp_path, "1")
    said = run("tools", "log", "--state-dir", str(tmp_path))
    heads, row = said.stdout.splitlines()
    assert heads.split() == ["when", "caller", "tool", "decision", "result", "size", "seconds", "arguments"]
    assert row.split()[2:] == ["127.0.0.1", "bash", "ask:", "yes", "done", "12", "0.25", '{"command":', '"ls"}']


def test_of_another_machine_the_log_shows_the_id(tmp_path: Path) -> None:
    Audit(tmp_path).write(entry("begun", ("d35eb7cfc62b2412", "chatcmpl-1"), ("1", "bash", "{}"), decision="allow"))
    said = run("tools", "log", "--state-dir", str(tmp_path)).stdout
    assert said.splitlines()[1].split()[2:4] == ["d35eb7cfc62b2412", "bash"] and "chatcmpl" not in said


def test_the_log_as_json_the_newest_last(tmp_path: Path) -> None:
    for number in range(5):
        logged(tmp_path, str(number))
    said = json.loads(run("tools", "log", "--json", "--last", "2", "--state-dir", str(tmp_path)).stdout)
    assert [(one["id"], one["state"], one["decision"]) for one in said] == [
        ("3", "done", "ask: yes"), ("4", "done", "ask: yes"),
    ]  # fmt: skip


def test_a_call_without_an_end_is_told_as_one(tmp_path: Path) -> None:
    Audit(tmp_path).write(entry("begun", ("local", ""), ("1", "bash", "{}"), decision="allow"))
    assert "no end" in run("tools", "log", "--state-dir", str(tmp_path)).stdout


def test_what_was_logged_cannot_do_anything_to_the_terminal(tmp_path: Path) -> None:
    logged(tmp_path, "1", "ba\x1b[2Ksh", "{\u202e\x9b}" + "x" * 5000)
    said = run("tools", "log", "--state-dir", str(tmp_path)).stdout
    assert not set(said) & {"\x1b", "\x9b", "\u202e"} and max(map(len, said.splitlines())) < 200


def test_an_empty_log_and_one_that_is_none(tmp_path: Path) -> None:
    assert "No tool was called yet" in run("tools", "log", "--state-dir", str(tmp_path)).stdout
    assert json.loads(run("tools", "log", "--json", "--state-dir", str(tmp_path)).stdout) == []
    (tmp_path / "tools.log").mkdir()
    assert "cannot be read" in sentence(run("tools", "log", "--state-dir", str(tmp_path)))


def test_the_list_of_a_node() -> None:
    answer = {"object": "list", "data": [{"name": "re\x1bad", "description": "Read a file.", "schema": {}}]}
    with answering({"/v1/tools": (200, json.dumps(answer).encode())}) as (url, _):
        said = run("tools", "list", "--url", url).stdout.splitlines()
        assert json.loads(run("tools", "list", "--json", "--url", url).stdout) == answer["data"]
    assert said[1].split() == ["re", "ad", "Read", "a", "file."]


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (404, {"error": {"message": "This node is no tool host."}}, "This node is no tool host."),
        (200, {"data": [1]}, "not a Local Swarm node"),
    ],
)
def test_a_node_without_tools(status: int, body: Any, words: str) -> None:
    with answering({"/v1/tools": (status, json.dumps(body).encode())}) as (url, _):
        assert words in sentence(run("tools", "list", "--url", url))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("tools",), "action"),
        (("tools", "lgo"), "invalid choice: 'lgo'"),
        (("tools", "log", "--last", "0"), "'0' is not a number from 1"),
    ],
)
def test_what_is_not_understood(words: tuple[str, ...], said: str) -> None:
    assert said in sentence(run(*words), 2)


def test_what_agents_are_told_so_that_they_use_the_tools(tmp_path: Path) -> None:
    plain = run("tools", "connect", "--state-dir", str(tmp_path)).stdout
    assert '"url": "http://localhost:17616/mcp"' in plain and "Authorization" not in plain
    assert "claude mcp add --transport http local-swarm http://localhost:17616/mcp" in plain
    assert "localswarm.cli tools mcp --url http://localhost:17616\n" in plain
    keyed = run("tools", "connect", "--url", "http://h:1", "--state-dir", str(tmp_path), LOCALSWARM_API_KEY="secret")
    assert "Bearer {env:LOCALSWARM_API_KEY}" in keyed.stdout and "secret" not in keyed.stdout
    assert 'bearer_token_env_var = "LOCALSWARM_API_KEY"' in keyed.stdout and "http://h:1/mcp" in keyed.stdout
    (tmp_path / "a key").write_text("secret")
    filed = run("tools", "connect", "--tool-port", "5", "--api-key-file", "a key", cwd=tmp_path).stdout
    assert f"tools mcp --url http://localhost:5 --api-key-file '{tmp_path / 'a key'}'" in filed
    assert "--url" in sentence(run("tools", "connect", "--tool-port", "0", "--state-dir", str(tmp_path)))
