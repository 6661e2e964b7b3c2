"""Is the node of this machine up, what does it serve, how busy is it, and which other machines are there? The exit code
is 0 when it can answer."""

import argparse
import json
import time
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from ..settings import Settings
from . import connect, loans, machines
from .client import OK, Client, NodeDown, NodeFailed

EXAMPLES = """examples:
  python main.py status
  python main.py status --json
  python main.py status --url http://192.168.1.20:17615 --api-key-file key.txt
"""
SETTINGS = ("host", "port", "state_dir")
LOADING, AWAY = "model_loading", 503
# The swarm as a whole is listed too, under names that stand for any of the models.
WHOLE = ("swarm", "swarm:fast", "swarm:vote", "swarm+tools")

State = Literal["ready", "loading", "down", "failing"]


@dataclass(frozen=True, slots=True)
class Status:
    state: State
    url: str
    message: str = ""
    models: list[dict[str, Any]] = field(default_factory=list)
    load: dict[str, int] = field(default_factory=dict)
    federation: dict[str, Any] | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    connect.add_flags(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(settings: Settings, words: argparse.Namespace) -> int:
    found = ask(connect.connect(settings, words))
    print(json.dumps(asdict(found), indent=2) if words.json else in_words(found, time.time()))
    return 0 if found.state == "ready" else 1


def ask(client: Client) -> Status:
    try:
        reply = client.health()
        if reply.status == OK:
            return _ready(client, reply.body.get("load"))
    except NodeDown as error:
        return Status("down", client.url, error.message)
    except NodeFailed as error:
        return Status("failing", client.url, error.message)
    state: State = "loading" if reply.body.get("status") == LOADING else "failing"
    return Status(state, client.url, reply.message, federation=_others(client) if reply.status == AWAY else None)


def _ready(client: Client, load: Any) -> Status:
    if not isinstance(load, dict):
        raise client.foreign()
    return Status("ready", client.url, "", client.models(), load, client.federation())


def _others(client: Client) -> dict[str, Any] | None:
    """They may well be there while this node is not."""
    try:
        return client.federation()
    except NodeFailed:
        return None


def in_words(found: Status, now: float) -> str:
    """`now`: seconds since 1970."""
    told = _node(found, now)
    others = machines.in_words(found.federation, now) if found.federation else ""
    return f"{told}\n\n{others}" if others else told


def _node(found: Status, now: float) -> str:
    rows = _ready_node(found) if found.state == "ready" else [("node", f"{found.state}: {found.message}")]
    rows += loans.rows(found.federation or {}, now)
    return "\n".join(f"  {name:<9} {text}" for name, text in rows)


def _ready_node(found: Status) -> list[tuple[str, str]]:
    models = [model for model in found.models if model["id"] not in WHOLE] or found.models
    rows = [("node", f"ready at {found.url}/v1")]
    rows += [("model", f"{one['id']}, context {one.get('context_length')}, {one.get('seats')} seats") for one in models]
    load = found.load
    rows.append(("load", f"{load.get('running', 0)} answering, {load.get('waiting', 0)} waiting"))
    rows.append(("memory", _memory(load)))
    tools = (found.federation or {}).get("tool_host")
    return [*rows, ("tools", machines.tools(tools))] if isinstance(tools, dict) else rows


def _memory(load: dict[str, int]) -> str:
    used, cached, cells = (load.get(name, 0) for name in ("cells_used", "cells_cached", "cells"))
    return f"{used} of {cells} tokens in use, {cached} cached"
