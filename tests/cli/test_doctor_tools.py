"""What `doctor` finds about the tool host that models of this machine use."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest
from localswarm.cli.checks.finding import Situation
from localswarm.cli.checks.tools import check_tool_host, host
from localswarm.settings import Settings

from .command import answering


@pytest.mark.parametrize(
    ("place", "verdict", "words"),
    [
        (None, "ok", "use no tools"),
        ({"where": "desk", "tools": ["read", "bash"], "trouble": None}, "ok", "desk has 2 tools"),
        ({"where": "desk", "tools": [], "trouble": None}, "warn", "desk has no tools now"),
        ({"where": "desk", "tools": [], "trouble": "desk does not let this machine"}, "fail", "does not let"),
        ({"where": "d\x1besk", "tools": 5}, "warn", "desk has no tools"),
    ],
)
def test_what_the_node_tells(place: Any, verdict: str, words: str) -> None:
    finding = host(place)
    assert finding.verdict == verdict and words in finding.cause and bool(finding.mend) == (verdict != "ok")


def finding(folder: Path, wanted: str | None) -> tuple[str, str]:
    found = check_tool_host(Situation(Settings(state_dir=folder, tool_host=wanted), argparse.Namespace()))
    return found.verdict, f"{found.cause} {found.mend}"


def test_without_a_node(tmp_path: Path) -> None:
    assert finding(tmp_path, None)[0] == "ok"
    assert "none runs here now" in finding(tmp_path, "desk")[1]
    verdict, words = finding(tmp_path, "http://127.0.0.1:1")
    assert verdict == "fail" and "nobody answers at http://127.0.0.1:1" in words


@pytest.mark.parametrize(
    ("status", "body", "verdict", "words"),
    [
        (200, {"data": [{"name": "read"}]}, "ok", "has 1 tools"),
        (401, {"error": {"message": "A valid API key is required"}}, "fail", "LOCALSWARM_TOOL_KEY"),
        (200, {"data": 5}, "fail", "not a Local Swarm node"),
    ],
)
def test_a_host_at_a_url(tmp_path: Path, status: int, body: Any, verdict: str, words: str) -> None:
    with answering({"/v1/tools": (status, json.dumps(body).encode())}) as (url, _):
        found = finding(tmp_path, url)
    assert found[0] == verdict and words in found[1]
