"""Who may do what: for each tool and each path allow, ask or deny. Pure."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from .files.guarded import is_secret
from .files.patterns import matches
from .tool import Decision

ANY = "**"
WITHIN = "/**"
WILD = frozenset("*?[{")


@dataclass(frozen=True, slots=True)
class Rule:
    """For tools and real paths, relative to the root, that match. One for some paths says nothing of calls without; one
    for all paths gives no secrets away. One that keeps a folder from tools keeps all that is in it."""

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
    # What is kept is kept however large its letters are; what is given is this one, and no other that looks like it.
    loose = rule.decision != "allow"
    return path is not None and any(matches(_same(rule.path), one, loose) for one in _named(rule, _same(path)))


def _named(rule: Rule, path: str) -> Iterator[str]:
    yield path
    if rule.decision == "allow":
        return
    yield from map(str, PurePosixPath(path).parents)
    folder = rule.path.removesuffix(WITHIN).rpartition("/")[2]
    if rule.path.endswith(WITHIN) and not WILD.intersection(folder):
        # Whoever keeps all that is in a folder does not want to have it listed.
        yield f"{path}/"


def _same(name: str) -> str:
    """One letter with its accent may be written as two."""
    return unicodedata.normalize("NFC", name)
