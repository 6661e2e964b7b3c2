"""An MCP server of the standard library alone, that misbehaves as a test wants: `raw_server.py [MODE]`."""

import json
import os
import sys
import time
from typing import Any

MODE = sys.argv[1] if len(sys.argv) > 1 else ""
TEXT = {"type": "object", "properties": {"text": {"type": "string"}}}


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"deeper": schema}}
    return schema


RUBBISH: list[Any] = [
    7,
    {"name": 5},
    {"name": "no schema"},
    {"name": "deep", "inputSchema": nested(200)},
    {"name": "far", "inputSchema": {"$ref": "http://127.0.0.1/x"}},
    {"name": "wrong", "inputSchema": {"type": "object", "properties": {"a": {"type": 5}}}},
    {"name": "list", "inputSchema": {"type": "array"}},
    {"name": "long", "inputSchema": {"description": "x" * 20_000}},
    {"name": "good/one", "description": "\x1b[31mred", "inputSchema": {"properties": {"a": {"pattern": "(a+)+$"}}}},
]
USUAL = [{"name": name, "inputSchema": TEXT} for name in ("echo", "die", "hang", "huge", "refuse", "more", "secrets")]
USUAL += [{"name": name, "inputSchema": TEXT} for name in ("others", "flood", "asked", "odd", "slow")]
CHANGED = {"method": "notifications/tools/list_changed"}
asked_for_tools = 0


def say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0"} | message) + "\n")
    sys.stdout.flush()


def call(name: str, given: dict[str, Any]) -> dict[str, Any]:
    if name == "die":
        os._exit(3)
    if name == "hang":
        time.sleep(600)
    if name == "huge":
        for _ in range(100):
            sys.stdout.write("x" * 2**20)
    if name == "more":
        USUAL.append({"name": "newcomer", "inputSchema": TEXT})
        say(CHANGED)
    if name == "others":
        USUAL[:] = [{"name": "echo", "inputSchema": TEXT | {"required": ["text"]}}]
        say(CHANGED)
    if name == "flood":
        for _ in range(500):
            say(CHANGED)
    if name == "slow":
        time.sleep(1.5)
    if name == "asked":
        return {"content": [{"type": "text", "text": str(asked_for_tools)}]}
    if name == "odd":
        say({"method": "notifications/odd", "params": {"text": "\x1b[31mnobody knows this one"}})
    if name == "secrets":
        return {"content": [{"type": "text", "text": json.dumps(dict(os.environ))}]}
    return {"content": [{"type": "text", "text": given.get("text", "")}]}


def answer(method: str, params: dict[str, Any]) -> dict[str, Any]:
    if method == "initialize":
        return {
            "protocolVersion": params["protocolVersion"],
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "raw", "version": "1"},
        }
    if method == "tools/list":
        global asked_for_tools
        asked_for_tools += 1
        return {"tools": RUBBISH if MODE == "rubbish" else USUAL}
    return call(params["name"], params["arguments"]) if method == "tools/call" else {}


def main() -> None:
    print("raw server was started", file=sys.stderr, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        if MODE == "silent" or "id" not in asked:
            continue
        if MODE == "noisy":
            print("this is no message\n[1, 2\n{}", flush=True)
        if asked.get("params", {}).get("name") == "refuse":
            say({"id": asked["id"], "error": {"code": -32000, "message": "I would rather not."}})
        else:
            say({"id": asked["id"], "result": answer(asked["method"], asked.get("params", {}))})


if __name__ == "__main__":
    main()
