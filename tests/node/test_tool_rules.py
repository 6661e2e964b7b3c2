"""What users say of single tools and paths."""

from pathlib import Path
from typing import Any

import pytest
from localswarm.node.tool_rules import asking, rule_notes, rules
from localswarm.settings import Settings
from localswarm.settings.tools import Mount, ToolRule
from localswarm.tools.policy import Rule, Rules, decide
from localswarm.tools.tool import Decision, Tool


def tool(name: str, default: Decision) -> Tool:
    return Tool(name, "", {}, None, default)


TOOLS = [tool("read", "allow"), tool("bash", "ask"), tool("write", "ask")]


def said(*given: tuple[Any, ...], **more: Any) -> Settings:
    return Settings(tool_rule=tuple(ToolRule(*one) for one in given), **more)


def test_they_are_taken_in_their_order() -> None:
    settings = said(("deny", "bash"), ("allow", "write", "./src/**"), yes_tools=True)
    assert rules(settings) == Rules((Rule("deny", "bash", "**"), Rule("allow", "write", "src/**")), yes=True)


@pytest.mark.parametrize("path, decision", [("src/a.py", "allow"), ("other/a.py", "ask"), ("src/.env", "deny")])
def test_a_rule_for_a_folder(path: str, decision: Decision) -> None:
    settings = said(("deny", "*", "**/.env"), ("allow", "write", "src/**"))
    assert decide("write", "ask", path, rules(settings)) == decision


def test_who_is_asked_about_what() -> None:
    assert asking(TOOLS, rules(said())) == ["bash", "write"]
    assert asking(TOOLS, rules(said(("deny", "bash"), ("ask", "read")))) == ["read", "write"]
    assert asking(TOOLS, rules(said(yes_tools=True))) == ["bash", "write"]


def test_what_the_start_says() -> None:
    assert not list(rule_notes(said(), TOOLS))
    settings = said(("deny", "bsah"), ("deny", "git_*"), ("allow", "wr*"), mcp=(Mount("git", url="http://x"),))
    first, *wrong = rule_notes(settings, TOOLS)
    assert first == "your rules for them: deny bsah; deny git_*; allow wr*"
    assert wrong == ["the rule 'deny bsah' is for no tool that is here: there are read, bash, write"]


@pytest.mark.parametrize(
    "path",
    ["private", "private/", "./private", "./private/", "private//", "/private", "x/../private", "{root}/private",
     "{root}/private/**"],
)  # fmt: skip
def test_a_folder_that_is_kept_is_kept_however_it_is_said(path: str, tmp_path: Path) -> None:
    settings = said(("deny", "read", path.format(root=tmp_path)), root=tmp_path)
    assert decide("read", "allow", "private/key", rules(settings)) == "deny"
    assert decide("read", "allow", "other/key", rules(settings)) == "allow"


def test_a_place_outside_allows_nothing(tmp_path: Path) -> None:
    settings = said(("allow", "write", "/src/**"), root=tmp_path)
    assert decide("write", "ask", "src/a.py", rules(settings)) == "ask"
