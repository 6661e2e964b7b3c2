"""The tools of a node, the log of what they were called for, and how programs get at them over MCP."""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from ..settings import Settings
from ..tools.audit import Audit, Entry
from ..tools.tool import LOCAL
from . import connect, mounts, tool_programs, tools_smoke
from .client import NodeFailed
from .table import table

EXAMPLES = """examples:
  python main.py tools list              what the node of this machine can do
  python main.py tools log               the last calls
  python main.py tools log --json --last 500
  python main.py tools smoke             does it work: a model calls a tool, it runs, the answer uses it
  python main.py tools connect           what to paste into opencode, Claude Code, codex
  python main.py tools mcp               a coding agent starts this one: MCP over its standard input and output
  python main.py tools mcp --root .      the same without a node, with the tools of this folder
"""
SETTINGS = ("state_dir", "host", "port", "tool_port", "root", "yes_tools", "tool_rule", "mcp")
LIST, LOG, CONNECT, MCP, SMOKE = "list", "log", "connect", "mcp", "smoke"
LAST, MOST = 50, 100_000
ARGUMENTS = 60  # characters that are shown of them
HEADS = ("when", "caller", "tool", "decision", "result", "size", "seconds", "arguments")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=(LIST, LOG, CONNECT, MCP, SMOKE), help="what to show, or do")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--last", type=_count, default=LAST, metavar="N", help=f"calls of the log (default {LAST})")
    connect.add_flags(parser)


def run(settings: Settings, words: argparse.Namespace) -> int:
    if words.action == SMOKE:
        return tools_smoke.run(settings, words)
    if words.action == MCP:
        _serve_mcp(settings, words)
    else:
        print(SHOWN[words.action](settings, words))
    return 0


def _serve_mcp(settings: Settings, words: argparse.Namespace) -> None:
    mounts.check(settings, words, words.root is not None, "add --root FOLDER")
    # Here and not above: the library takes a second, which the other words need not wait for.
    from ..node import stdio

    if words.root is not None:
        stdio.of_folder(settings)
    else:
        address = _tool_port(settings, words)
        stdio.of_node(address.url, address.key)


def _connect(settings: Settings, words: argparse.Namespace) -> str:
    return tool_programs.in_words(_tool_port(settings, words))


def _tool_port(settings: Settings, words: argparse.Namespace) -> connect.Address:
    if words.url is None:
        if settings.tool_port == 0:
            raise NodeFailed("Port 0 means any free one. The node said at its start which: give it with --url.")
        words.url = connect.own_address(replace(settings, port=settings.tool_port))
    return connect.find(settings, words)


def _log(settings: Settings, words: argparse.Namespace) -> str:
    try:
        found = Audit(settings.state_dir).last(words.last)
    except OSError as error:
        raise NodeFailed(
            f"The log of the tools in {settings.state_dir} cannot be read ({error.strerror}). Check --state-dir."
        ) from None
    if words.json:
        return json.dumps([asdict(entry) for entry in found], indent=2)
    return log_in_words(found) if found else f"No tool was called yet that {settings.state_dir} knows of."


def log_in_words(entries: Sequence[Entry]) -> str:
    return table(HEADS, [[_plain(text) for text in _row(entry)] for entry in entries])


def _row(entry: Entry) -> Sequence[str]:
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(entry.at))
    # What another machine calls itself, or its request, tells nothing of whose call it was.
    caller = entry.name or entry.caller if entry.caller == LOCAL else entry.caller
    called = (when, caller, entry.tool, entry.decision or "-")
    arguments = entry.arguments if len(entry.arguments) <= ARGUMENTS else f"{entry.arguments[: ARGUMENTS - 3]}..."
    if entry.event == "begun":
        return *called, "no end", "", "", arguments
    return *called, entry.state, str(entry.size), f"{entry.seconds:.2f}", arguments


def _list(settings: Settings, words: argparse.Namespace) -> str:
    found = connect.connect(settings, words).tools()
    return json.dumps(found, indent=2) if words.json else tools_in_words(found)


SHOWN = {LIST: _list, LOG: _log, CONNECT: _connect}


def tools_in_words(found: Sequence[dict[str, Any]]) -> str:
    return table(
        ("tool", "what it is for"), [(_plain(one["name"]), _plain(one.get("description", ""))) for one in found]
    )


def _plain(text: object) -> str:
    """Others wrote it: nothing in it may do anything to a terminal."""
    return "".join(mark if mark.isprintable() else " " for mark in str(text))


def _count(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) <= MOST:
        return int(text)
    raise argparse.ArgumentTypeError(f"'{text[:20]}' is not a number from 1 to {MOST}")
