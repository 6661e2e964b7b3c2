"""What a model took is measured, remembered, and counts at the next start: on every kind of machine."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from localswarm.engines.base import Card
from localswarm.hardware import amd
from localswarm.hardware.machine import Hardware, understand
from localswarm.hardware.readings import Readings
from localswarm.models.choose import Choice
from localswarm.models.fit.budget import CARD_RUNTIME
from localswarm.models.fit.expected import AS_RECKONED, Grown
from localswarm.models.fit.fit import ALL_LAYERS, Body, Plan, Wish, fit
from localswarm.models.geometry import Geometry, Layers
from localswarm.models.layout import Weights
from localswarm.node import memory
from localswarm.node.gauge import Gauge, Taken
from localswarm.state import State

from ..hardware.machines import readings

GIB, MIB = 2**30, 2**20
PID, OTHER = 4711, 99
RAM = 700 * MIB  # of the engine's process, where a GPU works in main memory too
SEVEN = Body(
    "seven",
    Geometry("qwen2", 28, 3584, 18944, 28, 152064, 131072, (Layers(28, 512, 512),)),
    Weights(4_680_000_000, 300_000_000, 300_000_000, 4_380_000_000, shared=False),
)
WISH = Wish(context=8192, seats=4)

Sizes = Mapping[str, int]  # by place: a GPU's identifier, or "ram" for what has gone of main memory
Say = Callable[[Readings, Sizes, Sizes], Readings]  # what all have, and what our process has


def nvml_by_process(said: Readings, used: Sizes, own: Sizes) -> Readings:
    return replace(said, nvml=tuple(_card(card, used, own) for card in said.nvml or ()))


def nvml_in_all(said: Readings, used: Sizes, own: Sizes) -> Readings:
    """As in a container, where the driver tells numbers of processes that are the host's."""
    return replace(said, nvml=tuple(_card(card, used, {}) for card in said.nvml or ()))


def _card(card: Mapping[str, Any], used: Sizes, own: Sizes) -> dict[str, Any]:
    uuid = card["uuid"]
    processes = [[PID, own[uuid]]] if uuid in own else [[OTHER, 5]]
    free = card["free"] - used.get(uuid, 0) if isinstance(card["free"], int) else card["free"]
    return {**card, "free": free, "processes": processes}


def amdgpu(said: Readings, used: Sizes, own: Sizes) -> Readings:
    files = dict(said.files)
    for path, text in said.files.items():
        if path.endswith(("vram_used", "gtt_used")):
            name = path.rpartition("_used")[0].rpartition("_")[2]
            files[path] = f"{int(text) + used.get(name, 0)}\n"
        if path.startswith(amd.NODES) and path.endswith("properties"):
            files[path.replace("properties", "gpu_id")] = "777\n"
    if "vram" in own:
        files[f"{amd.PROCESSES}/{PID}/vram_777"] = f"{own['vram']}\n"
    return replace(said, files=files)


def main_memory(said: Readings, used: Sizes, own: Sizes) -> Readings:
    """The driver tells nothing: only what is free in main memory is known."""
    text = said.files["/proc/meminfo"]
    line = next(line for line in text.splitlines() if line.startswith("MemAvailable"))
    left = int(line.split()[1]) - used.get("ram", 0) // 1024
    return replace(said, files={**said.files, "/proc/meminfo": text.replace(line, f"MemAvailable: {left} kB")})


def footprint(said: Readings, used: Sizes, own: Sizes) -> Readings:
    commands = {**said.commands, "footprint": f"phys_footprint: {own['ram']}\n"} if own else said.commands
    return replace(said, commands=commands)


@dataclass(frozen=True, slots=True)
class Case:
    machine: str
    say: Say
    used: tuple[dict[str, float], ...]  # parts of what is expected, one after the other; "": of each card
    own: float | None  # part of what is expected
    found: float | None  # what is remembered, as a part of what was expected
    gpu_layers: int | None = None
    apart: bool = False  # the process and its part of the GPU are counted apart, and are the whole together


CASES = {
    "one card, by process": Case("rtx-4090", nvml_by_process, ({"": 1.9},), 1.2, 1.2),
    "two cards": Case("2x-rtx-3090", nvml_by_process, ({"": 1.2},), 1.1, 1.1),
    "two cards, in part": Case("2x-rtx-3090", nvml_by_process, ({"": 1.2},), 1.1, 1.1, gpu_layers=14),
    "a driver that does not tell by process": Case("rtx-4090", nvml_in_all, ({"": 1.1},), None, 1.1),
    "others come, and go again": Case("rtx-4090", nvml_in_all, ({"": 1.5}, {"": 1.1}, {"": 1.3}), None, 1.1),
    "others take more than we could": Case("rtx-4090", nvml_in_all, ({"": 2.5},), None, None),
    "others give more back than we take": Case("rtx-4090", nvml_in_all, ({"": -0.2},), None, None),
    "GB10, by process": Case("dgx-spark", nvml_by_process, ({},), 0.95, 0.95, apart=True),
    "GB10, from what is free": Case("dgx-spark", main_memory, ({"ram": 1.2},), None, 1.2),
    "GB10, beside others": Case("dgx-spark", main_memory, ({"ram": 3.0},), None, None),
    "AMD's card, by process": Case("rx-7900-xtx", amdgpu, ({"vram": 1.9},), 1.2, 1.2),
    "AMD's card, in all": Case("rx-7900-xtx", amdgpu, ({"vram": 1.2},), None, 1.2),
    "an APU": Case("strix-halo-128gb", amdgpu, ({"gtt": 0.95},), None, 0.95, apart=True),
    "an APU with a part set aside": Case("strix-halo-128gb-carve-out", amdgpu, ({"vram": 1.2},), None, 1.2),
    "Apple": Case("m3-max-64gb", footprint, ({},), 1.3, 1.3),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "seven.gguf"
    path.write_bytes(b"weights")
    return path


def planned(hardware: Hardware, gpu_layers: int | None = None, grown: Grown = AS_RECKONED) -> Plan:
    return fit(SEVEN, hardware, replace(WISH, gpu_layers=gpu_layers), grown)


def measured(case: Case, said: Readings, plan: Plan, hardware: Hardware) -> Taken:
    """From before the engine was there to the last look at it."""
    moments = [(used, False) for used in ({}, *case.used)]

    def sizes(parts: Mapping[str, float]) -> dict[str, int]:
        cards = plan.expected.cards
        found = {card: round(parts[""] * size) for card, size in cards.items() if "" in parts}
        whole = sum(cards.values()) or plan.expected.ram
        return found | {name: round(part * whole) for name, part in parts.items() if name}

    def record(pid: int) -> Readings:
        used, _ = moments.pop(0)
        own = sizes({"": case.own, "vram": case.own, "ram": case.own}) if pid and case.own is not None else {}
        if plan.expected.ram and not plan.expected.cards and own:
            own |= {device.id: round((case.own or 0) * plan.expected.ram) for device in hardware.devices}
        return case.say(said, sizes(used), own)

    gauge = Gauge(plan.expected, hardware, record)
    gauge.begin()
    taken = Taken()
    while moments:
        taken = gauge.look(PID, RAM if not plan.expected.cards else plan.expected.ram)
    return taken


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_was_taken_counts_the_next_time(case: Case, file: Path, tmp_path: Path) -> None:
    said = readings(case.machine)
    hardware = understand(said)
    plan = planned(hardware, case.gpu_layers)
    card = Card("seven", "", plan.setup.context, 131072, plan.setup.seats, plan.setup.pool, None, "", "", 0)
    with State(tmp_path / "state") as state:
        taken = measured(case, said, plan, hardware)
        memory.remember(state, Choice(file, "seven", "", plan), card, taken)
        grown = memory.grown(state, file, plan)
        if case.found is None:
            assert not taken.cards and grown == AS_RECKONED
            return
        if plan.expected.cards:
            expected = {device: case.found * size for device, size in plan.expected.cards.items()}
            assert dict(taken.cards) == pytest.approx(expected, rel=0.01)
            assert grown.ram == 1.0 and grown.cards >= case.found - 0.01
        else:
            part = case.found + (RAM / plan.expected.ram if case.apart else 0)
            assert taken.ram == pytest.approx(part * plan.expected.ram, rel=0.01)
            assert grown.ram == pytest.approx(part, rel=0.01)
        again = planned(hardware, case.gpu_layers, grown)
        assert again.need.total > plan.need.total
        # What was reckoned stays what it was: otherwise a second start would find nothing amiss, and a third forget.
        assert again.expected == plan.expected
        assert memory.grown(state, file, again) == (grown if again.gpu_layers == plan.gpu_layers else AS_RECKONED)


def test_a_processor_needs_no_reading(file: Path) -> None:
    hardware = understand(readings("plain-laptop-16gb"))

    def record(pid: int) -> Readings:
        raise AssertionError("nothing is asked")

    gauge = Gauge(planned(hardware).expected, hardware, record)
    gauge.begin()
    assert gauge.look(PID, RAM) == Taken(RAM)


def test_what_is_expected_of_cards_and_of_memory_is_the_whole() -> None:
    hardware = understand(readings("2x-rtx-3090"))
    whole, part = planned(hardware), planned(hardware, 14)
    assert (whole.gpu_layers, part.gpu_layers) == (ALL_LAYERS, 14)
    for plan in (whole, part):
        assert len(plan.expected.cards) == 2
        on_cards = sum(plan.expected.cards.values()) - 2 * CARD_RUNTIME
        assert on_cards + plan.expected.ram >= planned(hardware, 0).need.total * 0.97
    assert sum(part.expected.cards.values()) < sum(whole.expected.cards.values())
    assert part.expected.ram > whole.expected.ram


def test_a_model_that_was_loaded_smaller_than_planned_is_not_compared(file: Path, tmp_path: Path) -> None:
    hardware = understand(readings("rtx-4090"))
    plan = planned(hardware)
    card = Card("seven", "", 2048, 131072, plan.setup.seats, plan.setup.pool, None, "", "", 0)
    with State(tmp_path / "state") as state:
        taken = Taken(RAM, {device: 2 * size for device, size in plan.expected.cards.items()})
        memory.remember(state, Choice(file, "seven", "", plan), card, taken)
        assert memory.grown(state, file, plan) == AS_RECKONED
