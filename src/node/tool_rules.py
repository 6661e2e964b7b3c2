"""What the user has said of single tools and paths, and what a start tells of it. Pure."""

import posixpath
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path, PurePosixPath

from ..settings import Settings
from ..settings.tools import ToolRule
from ..tools.files.patterns import matches
from ..tools.policy import ANY, Rule, Rules, decide
from ..tools.tool import Tool


def rules(settings: Settings) -> Rules:
    own = (Rule(one.decision, one.tool, _path(one, settings.root.absolute())) for one in settings.tool_rule)
    return Rules(tuple(own), settings.yes_tools)


def _path(rule: ToolRule, root: Path) -> str:
    """As paths are compared: from the root, and without a slash at the end. What is kept is kept however it is said."""
    if not rule.path:
        return ANY
    path = PurePosixPath(posixpath.normpath(rule.path))
    for folder in (root, root.resolve()):
        if path.is_relative_to(folder):
            return path.relative_to(folder).as_posix()
    return str(path) if rule.decision == "allow" else str(path).lstrip("/") or "."


def asking(tools: Collection[Tool], rules: Rules) -> Sequence[str]:
    """Those that a user is asked about, or would be if nobody had said yes beforehand."""
    without_yes = Rules(rules.rules)
    return [tool.name for tool in tools if decide(tool.name, tool.default, None, without_yes) == "ask"]


def rule_notes(settings: Settings, tools: Collection[Tool]) -> Iterator[str]:
    if settings.tool_rule:
        yield "your rules for them: " + "; ".join(str(one) for one in settings.tool_rule)
    mounted = tuple(f"{one.name}_" for one in settings.mcp)
    for one in settings.tool_rule:
        known = any(matches(one.tool, tool.name) for tool in tools)
        if not known and not one.tool.startswith(mounted or ("*",)):
            yield f"the rule '{one}' is for no tool that is here: there are {', '.join(tool.name for tool in tools)}"
