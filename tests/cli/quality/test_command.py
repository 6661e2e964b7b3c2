"""`bench quality`, of a real node."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from localswarm.cli.client import Client, NodeDown
from localswarm.cli.quality import command, sets
from localswarm.cli.quality.ask import Asker, Unasked
from localswarm.cli.quality.question import Question
from localswarm.cli.quality.row import Row
from localswarm.settings import defaults

from ...running import RunningNode
from ..command import answering, run, sentence
from .answers import row

MODELS = b'{"data": [{"id": "swarm"}, {"id": "tiny"}]}'
READY = b'{"status": "ok", "load": {}}'


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    """Two threads of the engine wait for one another on a machine that is busy with other tests."""
    with RunningNode(tmp_path_factory.mktemp("state"), "--threads", "1", "--self-test", "off") as node:
        yield node


def planned(*words: str) -> command.Plan:
    parser = ArgumentParser()
    parser.add_argument("--json", type=Path)
    command.add_flags(parser)
    return command.plan(replace(defaults(), candidates=2), parser.parse_args(words))


def test_two_of_each_set(node: RunningNode, tmp_path: Path) -> None:
    """Cut short: what such short answers say is of no matter here."""
    plan = planned("--count", "2", "--plot", str(tmp_path / "picture.svg"))
    short = [replace(one, body=one.body | {"max_tokens": 16}) for one in plan.questions]
    report = command.run(Client(node.base), False, replace(plan, questions=short))
    assert report.models == ["smollm2:135m:q4_1"]
    assert [one.set for one in report.figures] == [*plan.sets, "all"]
    assert report.figures[-1].count == len(report.rows) == len(short) == 2 * len(plan.sets)
    assert set(plan.sets) >= set(sets.NAMES) - {sets.CODE} and (sets.CODE in plan.sets or plan.notes)
    for each in report.rows:
        assert each.answers["one"].asked == 1 and each.answers["one"].tokens > 0
        assert each.answers["vote"].asked >= 2, "a vote was asked for"
    assert "smollm2" in command.told(report) and "calls" in command.told(report)
    assert json.loads(json.dumps(report.json()))["rows"][0]["answers"]["vote"]["message"]
    assert ElementTree.parse(tmp_path / "picture.svg")


def test_the_command_line(node: RunningNode, tmp_path: Path) -> None:
    file = tmp_path / "rows.json"
    words = ("--sets", "calls", "--count", "1", "--candidates", "2", "--url", node.base, "--json", str(file))
    said = run("bench", "quality", *words)
    assert said.returncode == 0, said.stderr
    assert "votes of 2" in said.stdout and "the node that runs" in said.stdout
    found = json.loads(file.read_text())
    assert found["candidates"] == 2 and len(found["rows"]) == 1 and found["figures"][0]["set"] == "calls"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--data", "/nowhere", "--sets", "sums"), "questions 'sums' are not in /nowhere"),
        (("--url", "http://localhost:1"), "No node runs at"),
        (("--sets", "calls", "--json", "/nowhere/rows.json"), "/nowhere/rows.json cannot be written"),
    ],
)
def test_what_cannot_be_done(words: tuple[str, ...], told: str) -> None:
    assert told in sentence(run("bench", "quality", *words))


def test_words_that_are_wrong() -> None:
    assert "there is no set 'words'" in run("bench", "quality", "--sets", "calls,words").stderr
    assert run("bench", "qualities").returncode == 2
    assert "write: bench quality --json" in run("bench", "--json", "quality").stderr


def test_a_node_that_refuses_everything() -> None:
    refusal = b'{"error": {"message": "The prompt is too long."}}'
    routes = {"/v1/models": (200, MODELS), "/health": (200, READY), "/v1/chat/completions": (400, refusal)}
    with answering(routes) as (url, _):
        said = run("bench", "quality", "--sets", "sums", "--count", "2", "--url", url)
    assert "The prompt is too long." in sentence(said)


@pytest.mark.parametrize(("end", "told"), [(KeyboardInterrupt(), "by hand"), (NodeDown("It is gone."), "It is gone.")])
def test_what_was_found_out_is_kept_whatever_ends_it(end: BaseException, told: str) -> None:
    class Ending(Asker):
        def ask(self, question: Question) -> Row:
            if question is plan.questions[1]:
                raise Unasked("The prompt is too long.")
            if question is plan.questions[3]:
                raise end
            return row("sums", 0, True, True)

    plan = planned("--sets", "sums", "--count", "5")
    asked = command.ask_all(Ending(Client("localhost"), plan.judge, 2, 0), plan.questions)
    assert (len(asked.rows), asked.refused) == (2, ["The prompt is too long."])
    assert told in asked.stopped


def test_without_a_sandbox_no_code_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    plan = planned("--count", "1")
    assert sets.CODE not in plan.sets and "is left out" in plan.notes[0]
    assert "bubblewrap" in sentence(run("bench", "quality", "--sets", "code", PATH=str(tmp_path)))
