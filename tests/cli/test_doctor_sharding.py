"""What `doctor` finds about one model on several machines: the first rung that does not hold, and what mends it."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest
from localswarm.cli.checks.finding import Finding, Situation
from localswarm.cli.checks.sharding import check_sharding, held, lenders, own
from localswarm.federation import identity
from localswarm.hardware.machine import Cpu, Hardware
from localswarm.models.fit.fit import Body, Plan, Wish, fit
from localswarm.models.geometry import Geometry, Layers
from localswarm.models.layout import Weights
from localswarm.node.sharding import built
from localswarm.node.sharding.lookout import Broken, Lendable
from localswarm.settings import Settings

GIB = 2**30
DESK = {"id": "d" * 16, "name": "desk", "bytes": GIB, "state": "alive", "since": 5, "trouble": None}
LOST = DESK | {"state": "lost", "trouble": "The machine desk is lost: the connection broke."}


@pytest.mark.parametrize(
    ("found", "verdict", "words"),
    [
        ({"borrowed": [DESK], "lent": None}, "ok", "desk may hold a part of the model"),
        ({"borrowed": [DESK, LOST], "lent": None}, "fail", "lender: The machine desk is lost"),
        ({"borrowed": [DESK | {"state": "waiting"}], "lent": None}, "warn", "nothing of the model lies on desk yet"),
        ({"borrowed": [], "lent": []}, "ok", "nobody borrows now"),
        ({"borrowed": [], "lent": [DESK]}, "ok", "of the model of desk may lie here"),
    ],
)
def test_of_a_node_that_runs(found: dict[str, Any], verdict: str, words: str) -> None:
    finding = held(found)
    assert finding and finding.verdict == verdict and words in finding.cause
    assert bool(finding.mend) == (verdict != "ok")


@pytest.mark.parametrize("found", [{}, {"borrowed": [], "lent": None}, {"borrowed": 5}])
def test_of_a_node_that_neither_borrows_nor_lends(found: dict[str, Any]) -> None:
    assert held(found) is None


def plan(free: int) -> Plan:
    geometry = Geometry("qwen2", 48, 5120, 13824, 40, 152064, 131072, (Layers(48, 1024, 1024),))
    body = Body("large", geometry, Weights(16 * GIB, GIB // 2, GIB // 2, 15 * GIB, shared=False))
    machine = Hardware("linux", Cpu("A processor", 8, frozenset({"avx2"}), 50e9), 2 * free, free)
    return fit(body, machine, Wish(context=8192, seats=1))


@pytest.mark.parametrize(
    ("found", "verdict", "words", "mend"),
    [
        (Broken("build", "llama.cpp was built here without it", "Build it"), "fail", "build: llama.cpp", "Build it"),
        (Lendable(("desk", "tower"), 9 * GIB), "ok", "desk and tower can lend 9.0 GiB", ""),
        (Lendable(("desk",), 9 * GIB, plan(64 * GIB)), "ok", "and the model fits: it needs 1", ""),
        (Lendable(("desk",), 9 * GIB, plan(8 * GIB)), "fail", "memory: desk can lend 9.0 GiB", "one more lender"),
    ],
)
def test_of_lenders(found: Lendable | Broken, verdict: str, words: str, mend: str) -> None:
    finding = lenders(found)
    assert finding.verdict == verdict and words in finding.cause and mend in finding.mend
    assert bool(finding.mend) == (verdict != "ok")


def test_of_what_could_be_lent_here() -> None:
    assert (
        own(Lendable(("A processor",), GIB)).cause
        == "this machine can lend 1.0 GiB of A processor; no node runs here now"
    )
    assert own(Broken("memory", "It has none left", "Close other programs")) == Finding(
        "fail", "memory: It has none left", "Close other programs"
    )


def looked(folder: Path, **settings: Any) -> Finding:
    return check_sharding(Situation(Settings(state_dir=folder, **settings), argparse.Namespace()))


def test_where_it_is_not_wished(tmp_path: Path) -> None:
    assert looked(tmp_path).verdict == "ok" and "not used" in looked(tmp_path).cause
    assert "--no-federation" in looked(tmp_path, federation=False, shard=("desk",)).cause
    assert not list(tmp_path.iterdir())


def test_a_machine_of_no_swarm_a_wrong_engine_and_a_build_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = looked(tmp_path, shard=("desk",))
    assert found.cause == "swarm: this machine is of no swarm yet" and "--join CODE" in found.mend
    assert not list(tmp_path.iterdir()), "a check changes nothing"
    identity.first_code(tmp_path)
    found = looked(tmp_path, shard=("desk",), engine="mlx")
    assert found.verdict == "fail" and found.mend == "start without --engine mlx."
    monkeypatch.setattr(built, "COMMAND", ("false",))
    for wish in ({"shard": ("desk",)}, {"lend": True}):
        found = looked(tmp_path, **wish)
        assert found.cause.startswith("build: llama.cpp was built here without its RPC backend")
        assert "-DGGML_RPC=ON" in found.mend


@pytest.fixture
def able(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that has what is needed."""
    said = tmp_path / "said.json"
    said.write_text(json.dumps([{"name": "A processor", "free": 0}]))
    monkeypatch.setattr(built, "COMMAND", ("sh", "-c", f"cat {said}", "sh"))


@pytest.mark.usefixtures("able")
def test_a_lender_that_nobody_finds_and_what_this_machine_has(tmp_path: Path) -> None:
    identity.first_code(tmp_path)
    found = looked(tmp_path, shard=("127.0.0.1:1",))
    assert found.cause.startswith("lender: --shard 127.0.0.1:1: ") and "cannot be reached" in found.cause
    assert "--lend" in found.mend and "python main.py status" in found.mend
    found = looked(tmp_path, lend=True)
    assert found.verdict == "ok" and "GiB of A processor" in found.cause
