"""AMD's GPUs: cards, APUs with either memory, and those that are left alone."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import pytest
from localswarm.hardware import amd
from localswarm.hardware.memory import Memory
from localswarm.hardware.readings import Readings

from .machines import readings

GIB = 2**30
RAM = Memory(64 * GIB, 50 * GIB)


def machine(
    *gpus: tuple[int, int],
    vram: int = 24 * GIB,
    gtt: int = 32 * GIB,
    kfd: int = 1,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> Readings:
    """With GPUs of these (gfx_target_version, unique_id)."""
    files = {f"{amd.NODES}/0/properties": "cpu_cores_count 16\nsimd_count 0\ngfx_target_version 0\n"}
    for number, (version, unique) in enumerate(gpus, 1):
        folder = amd.RENDER.format(127 + number)
        lines = (f"gfx_target_version {version}", "simd_count 96", f"drm_render_minor {127 + number}")
        files[f"{amd.NODES}/{number}/properties"] = "\n".join((*lines, f"unique_id {unique}"))
        files[f"{folder}/mem_info_vram_total"] = f"{vram}\n"
        files[f"{folder}/mem_info_vram_used"] = f"{GIB}\n"
        files[f"{folder}/mem_info_gtt_total"] = f"{gtt}\n"
        files[f"{folder}/mem_info_gtt_used"] = f"{GIB}\n"
    return Readings("linux", files=files, counts={"kfd": kfd}, variables=variables)


@pytest.mark.parametrize(
    ("version", "name"),
    [(90010, "gfx90a"), (90402, "gfx942"), (100300, "gfx1030"), (110000, "gfx1100"), (120001, "gfx1201")],
)
def test_the_architecture_of_a_card(version: int, name: str) -> None:
    (found,) = amd.devices(machine((version, 1)), RAM)
    assert (found.architecture, found.total, found.free) == (name, 24 * GIB, 23 * GIB)
    assert not found.unified


def test_a_user_without_access_has_no_gpu() -> None:
    assert amd.devices(machine((110000, 1), kfd=0), RAM) == ()


@pytest.mark.parametrize("version", [80003, 90012, 100305, 100306, 110003])
def test_old_cards_and_weak_apus_are_left_alone(version: int) -> None:
    assert amd.devices(machine((version, 1), vram=GIB // 2), RAM) == ()


def test_an_apu_uses_the_larger_of_its_memories_and_never_both() -> None:
    (shared,) = amd.devices(machine((110501, 0), vram=GIB, gtt=40 * GIB), RAM)
    assert (shared.total, shared.free, shared.unified) == (40 * GIB, 39 * GIB, True)
    (carved,) = amd.devices(machine((110501, 0), vram=96 * GIB, gtt=16 * GIB), RAM)
    assert (carved.total, carved.free, carved.unified) == (96 * GIB, 95 * GIB, False)


def test_what_is_shared_is_never_more_than_the_machine_has() -> None:
    (found,) = amd.devices(machine((110501, 0), vram=8 * GIB, gtt=124 * GIB), RAM)
    assert (found.total, found.free) == (RAM.total, RAM.free)


@pytest.mark.parametrize(
    ("variables", "ids"),
    [
        ({}, [1, 2, 3]),
        ({"HIP_VISIBLE_DEVICES": "2,0"}, [3, 1]),
        ({"CUDA_VISIBLE_DEVICES": "1"}, [2]),
        ({"HIP_VISIBLE_DEVICES": "0", "CUDA_VISIBLE_DEVICES": "1"}, [1]),
        ({"ROCR_VISIBLE_DEVICES": "1,2"}, [2, 3]),
        ({"ROCR_VISIBLE_DEVICES": "1,2", "HIP_VISIBLE_DEVICES": "1"}, [3]),
        ({"ROCR_VISIBLE_DEVICES": "GPU-0000000000000002"}, [2]),
        ({"ROCR_VISIBLE_DEVICES": ""}, []),
    ],
)
def test_the_variables_that_hide_gpus(variables: dict[str, str], ids: list[int]) -> None:
    found = amd.devices(machine((110000, 1), (110000, 2), (110000, 3), variables=variables), RAM)
    assert [device.id for device in found] == [f"GPU-{number:016x}" for number in ids]


def test_a_gpu_of_which_a_container_sees_nothing_is_passed_over() -> None:
    said = machine((110000, 1), (110000, 2))
    path = f"{amd.NODES}/1/properties"
    refused = {other: text for other, text in said.files.items() if other != path}
    for files in ({**said.files, path: ""}, refused):
        assert [device.id for device in amd.devices(replace(said, files=files), RAM)] == ["GPU-0000000000000002"]


def test_the_name_comes_from_the_list_of_names_or_is_the_architecture() -> None:
    said = readings("rx-7900-xtx")
    assert amd.devices(said, RAM)[0].name == "AMD Radeon RX 7900 XTX"
    unnamed = replace(said, files={**said.files, amd.NAMES: ""})
    assert amd.devices(unnamed, RAM)[0].name == "AMD gfx1100"
