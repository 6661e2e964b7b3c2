"""`python -m tests.benchmarks.calling DATA [--model FILE] [--each N] [--choice required|auto]
[--kinds KIND,KIND] [--decide freely|first] [--tokens N] [--minutes N] [--alone] [--rows FILE]`

DATA is the folder `bfcl_eval/data` of the package bfcl-eval (unzip its wheel; it need not be installed). The kinds take
turns, so that a run that was stopped says something about each. In FILE is a line of JSON for each answer as soon as
it came; what is in it already is not asked again.
"""

import argparse
import json
import math
import sys
import time
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

import httpx

from ..servers import Ours, Server, Theirs, embedded_model
from .items import KINDS, Item, items
from .score import Call, fits, lenient, right

Row = dict[str, Any]


def main() -> int:
    words = _arguments()
    ours = Ours(words.model, words.threads, ("--decide", words.decide))
    servers: list[Server] = [ours] if words.alone else [ours, Theirs(words.model, words.threads)]
    kinds = words.kinds.split(",")
    turns = zip_longest(*(items(words.data, kind, words.each) for kind in kinds))
    asked = [item for item in chain.from_iterable(turns) if item]
    rows = _before(words.rows, {item.id for item in asked})
    done = {(row["id"], row["server"]) for row in rows}
    end = time.monotonic() + 60 * words.minutes
    for server in servers:
        server.start()
    try:
        for at, item in enumerate(asked):
            if time.monotonic() > end:
                break
            for server in servers if at % 2 else servers[::-1]:
                if (item.id, server.name) not in done:
                    rows.append(about(server, item) | ask(server, item, words.choice, words.tokens))
                    _put_down(rows[-1], f"{at + 1}/{len(asked)}", words.rows)
    finally:
        for server in servers:
            server.stop()
        for server in servers:
            print(summary([row for row in rows if row["server"] == server.name], server.name, kinds), flush=True)
    return 0


def _before(path: Path | None, wanted: set[str]) -> list[Row]:
    lines = path.read_text().splitlines() if path and path.exists() else []
    return [row for row in map(json.loads, lines) if row["id"] in wanted]


def _put_down(row: Row, place: str, path: Path | None) -> None:
    told = "right" if row["right"] else "valid" if row["valid"] else "INVALID"
    print(f"{place} {row['id']} {row['server']}: {told}, {row['seconds']:.1f} s", flush=True)
    if path:
        with path.open("a") as file:
            file.write(json.dumps(row) + "\n")


def about(server: Server, item: Item) -> Row:
    return {"id": item.id, "kind": item.kind, "server": server.name}


def ask(server: Server, item: Item, choice: str, tokens: int) -> Row:
    begun = time.monotonic()
    answer = _answer(server, item, choice, tokens)
    return _judged(answer, item, choice) | {"seconds": round(time.monotonic() - begun, 2)}


def _answer(server: Server, item: Item, choice: str, tokens: int) -> Any:
    body = {
        "messages": item.messages,
        "tools": item.tools,
        "tool_choice": choice,
        "parallel_tool_calls": item.kind == "parallel",
        "temperature": 0,
        "max_tokens": tokens,
    }
    return httpx.post(f"http://127.0.0.1:{server.port}/v1/chat/completions", json=body, timeout=600).json()


def _judged(answer: Any, item: Item, choice: str) -> Row:
    """A valid call is one that fits the tool's schema."""
    if "error" in answer:
        return {"valid": False, "right": False, "lenient": False, "said": answer["error"]}
    message = answer["choices"][0]["message"]
    calls = [_call(one["function"]) for one in message.get("tool_calls") or []]
    whole = [call for call in calls if call]
    text = message.get("content") or ""
    return {
        "valid": (bool(calls) or choice == "auto") and all(call and fits(call, item.tools) for call in calls),
        "right": right(whole, item.truth),
        "lenient": right(whole or lenient(text), item.truth),
        "said": message,
        "why": answer["choices"][0]["finish_reason"],
        "usage": answer.get("usage"),
        "warnings": answer.get("swarm", {}).get("warnings", []),
    }


def _call(function: dict[str, Any]) -> Call | None:
    try:
        arguments = json.loads(function["arguments"])
    except ValueError:
        return None
    return Call(function["name"], arguments) if isinstance(arguments, dict) else None


def summary(rows: list[Row], name: str, kinds: list[str]) -> str:
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
    parser.add_argument("--tokens", type=int, default=300, help="of an answer at most")
    parser.add_argument("--minutes", type=float, default=math.inf, help="after which nothing more is asked")
    parser.add_argument("--kinds", default=",".join(KINDS), help="of BFCL's files, also irrelevance")
    parser.add_argument("--decide", default="freely")
    parser.add_argument("--alone", action="store_true", help="without llama.cpp's server")
    parser.add_argument("--rows", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
