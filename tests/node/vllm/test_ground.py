"""Which machines vLLM can be started on, and what it is asked to serve there."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from localswarm.hardware.cpu import Cpu
from localswarm.hardware.device import Device
from localswarm.hardware.machine import Hardware
from localswarm.node.vllm import ground
from localswarm.node.vllm.ground import NoVllm
from localswarm.settings import Settings

GIB = 2**30
CARD = Device("cuda", "NVIDIA GeForce RTX 3090", 24 * GIB, 24 * GIB, architecture="8.6")
SETTINGS = Settings(model="Qwen/Qwen3-8B")


def having(*devices: Device, system: str = "linux") -> Hardware:
    return Hardware(system, Cpu("a processor", 8), 64 * GIB, 60 * GIB, devices)


@pytest.mark.parametrize(
    ("hardware", "words"),
    [
        (having(), "this machine has no GPU"),
        (having(replace(CARD, name="GTX 1080", architecture="6.1")), "cannot compute on GTX 1080 (6.1)"),
        (having(Device("metal", "Apple M3", GIB, GIB), system="darwin"), "vLLM runs on Linux, and this is darwin"),
        (having(CARD, system="windows"), "this is windows"),
    ],
)
def test_machines_without_what_vllm_needs(hardware: Hardware, words: str) -> None:
    with pytest.raises(NoVllm, match=words.replace("(", r"\(").replace(")", r"\)")):
        ground.cards(hardware, force=False)


def test_machines_with_it() -> None:
    old, unknown = replace(CARD, architecture="6.1"), replace(CARD, architecture="")
    amd = Device("rocm", "MI300X", 192 * GIB, 192 * GIB, architecture="gfx942")
    assert ground.cards(having(CARD, old, unknown, amd), force=False) == [CARD, unknown, amd]
    assert ground.cards(having(), force=True) == []


def test_the_card_with_least_room_says_how_much_is_taken() -> None:
    assert ground.share([CARD, CARD]) == 0.0 == ground.share([])
    assert ground.share([CARD, replace(CARD, free=12 * GIB)]) == 0.48


def wish_of(**more: Any) -> Any:
    return ground.wish(replace(SETTINGS, **more))


def test_what_is_asked_for(tmp_path: Path) -> None:
    found = wish_of(context=8192, instances=3, models_dir=tmp_path, vllm_arguments="--dtype 'float 16'")
    assert (found.model, found.name, found.parsers.tools) == ("Qwen/Qwen3-8B", "Qwen/Qwen3-8B", "hermes")
    assert (found.context, found.seats, found.folder) == (8192, 3, str(tmp_path))
    assert found.more == ("--dtype", "float 16")


def test_a_folder_goes_by_its_own_name(tmp_path: Path) -> None:
    folder = tmp_path / "Qwen3-Coder-mine"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    found = wish_of(model=str(folder))
    assert (found.model, found.name, found.parsers.tools) == (str(folder), "Qwen3-Coder-mine", "qwen3_coder")
