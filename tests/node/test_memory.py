"""What a model took is remembered for the engine that took it."""

from importlib.metadata import version
from pathlib import Path

import pytest
from localswarm.engines.base import Card
from localswarm.hardware.machine import Cpu, Hardware
from localswarm.models.choose import Choice
from localswarm.models.fit.fit import Plan, Wish, fit
from localswarm.models.parts import body_of_file
from localswarm.node import memory
from localswarm.node.gauge import Taken
from localswarm.state import State

from ..models.mlx import folders

MACHINE = Hardware("linux", Cpu("A processor", 4, frozenset({"avx2"}), 40e9), 2**34, 2**33)


def plan_of(path: Path) -> Plan:
    return fit(body_of_file(path, "tiny"), MACHINE, Wish())


def grown_after(path: Path, part: float, state: State) -> float:
    """Of main memory, when it took this part of what was expected."""
    plan = plan_of(path)
    setup = plan.setup
    card = Card(
        "tiny", "", setup.context, setup.context, setup.seats, setup.pool, None, "", "", 0, setup.kv, "llama", 1
    )
    memory.remember(state, Choice(path, "tiny", "", plan), card, Taken(round(part * plan.expected.ram)))
    return memory.grown(state, path, plan).ram


@pytest.mark.parametrize(("part", "grown"), [(0.9, 1.0), (0.1, 1.0), (1.2, 1.2), (9.0, 1.5)])
def test_of_mlx_only_more_than_expected_counts(part: float, grown: float, tmp_path: Path) -> None:
    path = folders.make(tmp_path / "model")
    assert grown_after(path, part, State(tmp_path / "state")) == pytest.approx(grown, rel=0.01)


@pytest.mark.parametrize(("part", "grown"), [(0.9, 0.9), (0.1, 0.8), (1.2, 1.2)])
def test_of_a_file_less_counts_too(part: float, grown: float, tmp_path: Path, smollm2: Path) -> None:
    assert grown_after(smollm2, part, State(tmp_path)) == pytest.approx(grown, rel=0.01)


def test_each_engine_has_its_name(tmp_path: Path, smollm2: Path) -> None:
    assert memory.engine_version(smollm2) == f"llama-cpp-python {version('llama-cpp-python')}"
    pytest.importorskip("mlx_lm")
    said = memory.engine_version(folders.make(tmp_path / "model"))
    assert said == f"mlx {version('mlx')}, mlx-lm {version('mlx-lm')}"
