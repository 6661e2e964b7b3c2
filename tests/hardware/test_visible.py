"""CUDA_VISIBLE_DEVICES and its kin, as the runtimes read them."""

import pytest
from localswarm.hardware.visible import pick

IDS = ["GPU-aa11", "GPU-aa22", "GPU-bb33", "MIG-cc44"]


@pytest.mark.parametrize(
    ("wanted", "picked"),
    [
        (None, [0, 1, 2]),
        ("", []),
        ("-1", []),
        ("NoDevFiles", []),
        ("0", [0]),
        ("2,1", [2, 1]),
        (" 2 , 0 ", [2, 0]),
        ("0,2,-1,1", [0, 2]),
        ("1,7,0", [1]),
        ("1,1,0", [1]),
        ("3", []),
        ("GPU-bb33", [2]),
        ("gpu-BB", [2]),
        ("GPU-aa", []),
        ("MIG-cc44", [3]),
        ("GPU-aa22,0", [1, 0]),
        ("0,GPU-ff", [0]),
    ],
)
def test_what_a_variable_leaves(wanted: str | None, picked: list[int]) -> None:
    assert pick(wanted, IDS, indexed=3) == picked
