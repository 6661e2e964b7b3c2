"""Who may do what: for each tool and each path allow, ask or deny. Pure."""

from dataclasses import dataclass

from .files.guarded import is_secret
from .files.patterns import matches
from .tool import Decision

ANY = "**"


@dataclass(frozen=True, slots=True)
class Rule:
    """For tools and real paths, relative to the root, that match. One for some paths says nothing of calls without; one
    for all paths gives no secrets away."""

    decision: Decision
    tool: str = "*"
    path: str = ANY


@dataclass(frozen=True, slots=True)
class Rules:
    """The first one that matches decides. `yes`: the user has said yes to all that would be asked."""

    rules: tuple[Rule, ...] = ()
    yes: bool = False


def decide(tool: str, default: Decision, path: str | None, rules: Rules) -> Decision:
    """What no rule speaks of: secrets are kept, the rest is as the tool has it by itself."""
    chosen = next((rule.decision for rule in rules.rules if _is_meant(rule, tool, path)), None)
    decision = chosen or ("deny" if path is not None and is_secret(path) else default)
    return "allow" if decision == "ask" and rules.yes else decision


def _is_meant(rule: Rule, tool: str, path: str | None) -> bool:
    if not matches(rule.tool, tool):
        return False
    if rule.path == ANY:
        return rule.decision == "deny" or path is None or not is_secret(path)
    return path is not None and matches(rule.path, path, loose=True)
