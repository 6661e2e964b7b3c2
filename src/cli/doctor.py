"""Check this machine: numbered checks, each with its cause and what mends it. The exit code is 1 when one fails."""

import argparse
import json
import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from ..settings import Settings
from .checks import configuration, federation, machine, model, network, places, python, sharding, tools, vllm
from .checks.finding import Check, Finding, Situation, fail

EXAMPLES = """examples:
  python main.py doctor
  python main.py doctor --json
  python main.py doctor --offline --port 8080
"""
SETTINGS = (
    "host",
    "port",
    "state_dir",
    "models_dir",
    "hub",
    "offline",
    "engine",
    "model",
    "context",
    "federation",
    "swarm_port",
    "shard",
    "lend",
    "tool_host",
    "tool_key",
)
# The slowest, the engine's own, is cut off after 60.
LONGEST_SECONDS = 70
SIGNS = {"ok": "ok  ", "warn": "WARN", "fail": "FAIL"}

CHECKS = (
    Check("Python", python.check_python),
    Check("packages", python.check_packages),
    Check("settings", configuration.check_settings),
    Check("state folder", places.check_state_folder),
    Check("disk space", places.check_disk),
    Check("hardware", machine.check_hardware),
    Check("memory", machine.check_memory),
    Check("engine", machine.check_engine),
    Check("embedded model", model.check_embedded_model),
    Check("vLLM", vllm.check_vllm),
    Check("port", network.check_port),
    Check("clock", network.check_clock),
    Check("hub", network.check_hub),
    Check("other servers", network.check_neighbours),
    Check("swarm", federation.check_swarm),
    Check("network", federation.check_network),
    Check("multicast", federation.check_multicast),
    Check("swarm port", federation.check_swarm_port),
    Check("other machines", federation.check_machines),
    Check("sharding", sharding.check_sharding),
    Check("tool host", tools.check_tool_host),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(settings: Settings, words: argparse.Namespace) -> int:
    found = []
    for check, finding in examine(CHECKS, Situation(settings, words)):
        found.append((check, finding))
        if not words.json:
            print(in_words(len(found), check, finding), flush=True)
    failed = sum(finding.verdict == "fail" for _, finding in found)
    warned = sum(finding.verdict == "warn" for _, finding in found)
    if words.json:
        print(json.dumps({"ok": not failed, "checks": as_json(found)}, indent=2))
    else:
        print(f"\n{len(found)} checks: {failed} failed, {warned} with a warning.")
    return 1 if failed else 0


def examine(
    checks: Sequence[Check], situation: Situation, seconds: float = LONGEST_SECONDS
) -> Iterator[tuple[Check, Finding]]:
    """All at once, told in their order."""
    boxes: list[queue.SimpleQueue[Finding]] = [queue.SimpleQueue() for _ in checks]
    for check, box in zip(checks, boxes, strict=True):
        threading.Thread(target=lambda check=check, box=box: box.put(_look(check, situation)), daemon=True).start()
    for check, box in zip(checks, boxes, strict=True):
        try:
            yield check, box.get(timeout=seconds)
        except queue.Empty:
            yield check, fail(f"no result within {seconds:.0f} seconds", "Try again when the machine is less busy")


def _look(check: Check, situation: Situation) -> Finding:
    try:
        return check.look(situation)
    # Whatever goes wrong in one check is a finding like any other; the next ones must still be told.
    except Exception as error:
        return fail(f"the check itself broke: {type(error).__name__}: {error}", "Please report this")


def in_words(number: int, check: Check, finding: Finding) -> str:
    mend = f"\n{'':27}-> {finding.mend}" if finding.mend else ""
    return f"{number:>3}  {SIGNS[finding.verdict]}  {check.name:<15}  {finding.cause}{mend}"


def as_json(found: Sequence[tuple[Check, Finding]]) -> list[dict[str, Any]]:
    return [{"number": at, "name": check.name} | asdict(finding) for at, (check, finding) in enumerate(found, 1)]
