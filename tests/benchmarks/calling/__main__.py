"""`python -m tests.benchmarks.calling DATA [--model FILE] [--each N] [--choice required|auto]
[--kinds KIND,KIND] [--decide freely|first] [--alone] [--json FILE]`

DATA is the folder `bfcl_eval/data` of the package bfcl-eval (unzip its wheel; it need not be installed).
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import httpx

from ..servers import Ours, Server, Theirs, embedded_model
from .items import KINDS, Item, items
from .score import Call, lenient, right

ANSWER_TOKENS = 300


def main() -> int:
    words = _arguments()
    ours = Ours(words.model, words.threads, ("--decide", words.decide))
    servers: list[Server] = [ours] if words.alone else [ours, Theirs(words.model, words.threads)]
    kinds = words.kinds.split(",")
    asked = [item for kind in kinds for item in items(words.data, kind, words.each)]
    rows: list[dict[str, Any]] = []
    for server in servers:
        server.start()
    try:
        for at, item in enumerate(asked):
            order = servers if at % 2 else servers[::-1]
            rows += [about(server, item) | ask(server, item, words.choice) for server in order]
    finally:
        for server in servers:
            server.stop()
    for server in servers:
        print(summary([row for row in rows if row["server"] == server.name], server.name, kinds))
    if words.json:
        words.json.write_text(json.dumps(rows, indent=1))
    return 0


def about(server: Server, item: Item) -> dict[str, Any]:
    return {"id": item.id, "kind": item.kind, "server": server.name}


def ask(server: Server, item: Item, choice: str) -> dict[str, Any]:
    body = {
        "messages": item.messages,
        "tools": item.tools,
        "tool_choice": choice,
        "parallel_tool_calls": item.kind == "parallel",
        "temperature": 0,
        "max_tokens": ANSWER_TOKENS,
    }
    answer = httpx.post(f"http://127.0.0.1:{server.port}/v1/chat/completions", json=body, timeout=600).json()
    if "error" in answer:
        print(item.id, server.name, answer["error"], file=sys.stderr)
        return {"valid": False, "right": False, "lenient": False, "said": answer["error"]}
    message = answer["choices"][0]["message"]
    calls = [_call(one["function"]) for one in message.get("tool_calls") or []]
    whole = [call for call in calls if call]
    text = message.get("content") or ""
    return {
        "valid": (bool(calls) or choice == "auto") and len(whole) == len(calls),
        "right": right(whole, item.truth),
        "lenient": right(whole or lenient(text), item.truth),
        "said": message,
        "why": answer["choices"][0]["finish_reason"],
    }


def _call(function: dict[str, Any]) -> Call | None:
    try:
        arguments = json.loads(function["arguments"])
    except ValueError:
        return None
    return Call(function["name"], arguments) if isinstance(arguments, dict) else None


def summary(rows: list[dict[str, Any]], name: str, kinds: list[str]) -> str:
    lines = [f"{name}: {'':14} {'valid':>6} {'right':>6} {'read leniently':>15}"]
    for kind in (*kinds, ""):
        some = [row for row in rows if kind in ("", row["kind"])]
        parts = [100 * sum(row[figure] for row in some) / max(1, len(some)) for figure in ("valid", "right", "lenient")]
        lines.append(f"  {kind or 'all':14} {len(some):4}  {parts[0]:5.1f}% {parts[1]:5.1f}% {parts[2]:14.1f}%")
    return "\n".join(lines)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.calling")
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", type=Path, default=embedded_model())
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--each", type=int, default=66)
    parser.add_argument("--choice", default="required")
    parser.add_argument("--kinds", default=",".join(KINDS), help="of BFCL's files, also irrelevance")
    parser.add_argument("--decide", default="freely")
    parser.add_argument("--alone", action="store_true", help="without llama.cpp's server")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
