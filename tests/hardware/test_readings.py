"""Readings as a file: nothing is lost, and nobody's GPU can be recognised in what is shared."""

import re

import pytest
from localswarm.hardware.machine import understand
from localswarm.hardware.readings import Readings, load

from .machines import NAMES, readings

REAL = "2dee1e25-b3b5-007e-2b55-79f2d0f2ebe5"
OTHER = "9ddee1e2-b3b5-007e-2b55-79f2d0f2ebe5"


@pytest.mark.parametrize("name", NAMES)
def test_a_file_holds_all_of_it(name: str) -> None:
    said = readings(name)
    assert load(said.dump()) == said


@pytest.mark.parametrize("name", NAMES)
def test_no_recorded_machine_tells_who_owns_it(name: str) -> None:
    text = readings(name).dump()
    assert not re.search(r"serial|hostname|/home/|/Users/", text, re.IGNORECASE)
    assert readings(name).shareable() == text


def gpus(visible: str) -> Readings:
    cards = [{"uuid": f"GPU-{each}", "name": "RTX", "total": 8, "free": 7} for each in (REAL, OTHER)]
    return Readings("linux", nvml=tuple(cards), variables={"CUDA_VISIBLE_DEVICES": visible})


@pytest.mark.parametrize("visible", [f"GPU-{OTHER},GPU-{REAL}", "GPU-9d", "gpu-9d", "1"])
def test_what_is_shared_names_no_real_gpu_and_means_the_same(visible: str) -> None:
    shared = gpus(visible).shareable()
    assert not re.search("2dee1e25|9ddee1e2|gpu-9d", shared, re.IGNORECASE)
    before, after = understand(gpus(visible)).devices, understand(load(shared)).devices
    assert len(before) == len(after) > 0
    assert after[0].id == "GPU-02000000-0000-0000-0000-000000000000"


def test_the_unique_ids_of_amd_are_replaced_too() -> None:
    said = Readings(
        "linux",
        files={"properties": "simd_count 128\nunique_id 5752170827923136638\nnum_xcc 1\n"},
        variables={"ROCR_VISIBLE_DEVICES": "GPU-4fd3d0e445b9207e"},
    )
    shared = load(said.shareable())
    assert "unique_id 1\n" in shared.files["properties"]
    assert shared.variables == {"ROCR_VISIBLE_DEVICES": "GPU-0000000000000001"}
