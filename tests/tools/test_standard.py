"""All tools together: what they cost a model, and where they may work."""

import json
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import llama_cpp
import pytest
from anyio.abc import Process
from localswarm.tools.files import Root, RootUnusable
from localswarm.tools.registry import Registry
from localswarm.tools.sandbox.project import Project
from localswarm.tools.sandbox.walls import Job
from localswarm.tools.standard import check_root, standard
from localswarm.tools.tool import Caller, Scope
from localswarm.tools.web.fetching import Web

from .conftest import PROMPTS

MOST_TOKENS = 2000
CHANGING = {"write", "edit", "bash", "python"}


class NoWalls:
    """Nothing is run here."""

    name, apart, weaker = "none", True, ""

    def started(self, job: Job) -> AbstractAsyncContextManager[Process]:
        raise AssertionError("nothing is run here")


@pytest.fixture
def registry(root: Root, outputs: Root) -> Registry:
    return Registry(standard(root, outputs, PROMPTS, Project(root, NoWalls()), Web()))


def preamble(registry: Registry) -> str:
    """As templates of models show it: one JSON object for each tool."""
    return "\n".join(
        json.dumps({"type": "function",
        "function": {"name": one.name, "description": one.description, "parameters": one.schema}})
        for one in registry.specs()
    )  # fmt: skip


def test_all_tools_together_cost_little(registry: Registry, smollm2: Path) -> None:
    text = preamble(registry)
    model = llama_cpp.Llama(str(smollm2), vocab_only=True, verbose=False)
    tokens = len(model.tokenize(text.encode()))
    print(f"{len(text)} characters are {tokens} tokens of SmolLM2")
    assert tokens < MOST_TOKENS
    assert len(text.encode()) / 3 < 2 * MOST_TOKENS, "also where nothing counts them"


def test_every_argument_is_explained(registry: Registry) -> None:
    for spec in registry.specs():
        assert spec.description and "{" not in spec.description.replace("{a,b}", "")
        assert spec.schema["additionalProperties"] is False
        assert all(one["description"] for one in spec.schema["properties"].values())


def test_what_is_allowed_by_itself(registry: Registry) -> None:
    assert {tool.name for tool in registry if tool.default != "allow"} == {*CHANGING, "webfetch"}


def test_without_a_sandbox_nothing_is_changed(root: Root, outputs: Root) -> None:
    names = {tool.name for tool in standard(root, outputs, PROMPTS, None, Web())}
    assert not names & CHANGING and {"read", "grep", "webfetch"} < names


async def test_skills_and_lists(registry: Registry) -> None:
    def scope(caller: Caller) -> Scope:
        return Scope(caller, lambda path: None)

    skill, write, read = (registry.find(name) for name in ("skill", "todowrite", "todoread"))
    assert skill.run and write.run and read.run
    for name in skill.schema["properties"]["name"]["enum"]:
        assert name in skill.description
        assert (await skill.run({"name": name}, scope(Caller("me")))).content
    steps = [{"content": "look", "status": "completed"}, {"content": "do", "status": "in_progress"}]
    await write.run({"todos": steps}, scope(Caller("me")))
    assert (await read.run({}, scope(Caller("me")))).content == "[x] look\n[>] do"
    for other in (Caller("you"), Caller("me", session="other")):
        assert (await read.run({}, scope(other))).content == "The list is empty."


@pytest.mark.parametrize(
    "folder", ["/", "/etc", "/usr/lib", "home", "home/..", "home/state", "home/state/in", "home/all"]
)
def test_folders_that_are_no_project(tmp_path: Path, folder: str) -> None:
    for name in ("home/all/inner", "home/state/in"):
        (tmp_path / name).mkdir(parents=True)
    state = tmp_path / "home/all/inner" if folder == "home/all" else tmp_path / "home/state"
    with pytest.raises(RootUnusable, match="--root DIR"):
        check_root(tmp_path / folder, state, tmp_path / "home")
    check_root(tmp_path / "home" / "all", tmp_path / "home" / "state", tmp_path / "home")
