"""What a folder for MLX is expected to take, held against what it took (docs/fit.md)."""

from dataclasses import replace

import pytest
from localswarm.hardware.machine import Cpu, Device, Hardware
from localswarm.models.fit import mlx
from localswarm.models.fit.fit import Body, Wish, fit
from localswarm.models.fit.need import Setup
from localswarm.models.geometry import Geometry, Layers
from localswarm.models.layout import Weights

GIB = 2**30
# SmolLM2 135M, converted from Q4_1.
GEOMETRY = Geometry("llama", 30, 576, 1536, 9, 49_152, 8192, (Layers(30, 192, 192),))
WEIGHTS, WIDENED = 98_275_968, 16_880_256
BODY = Body("smollm2", GEOMETRY, Weights(WEIGHTS, 31_850_496, 31_850_496, WEIGHTS, True), "mlx", WIDENED)
SERVER = Hardware("linux", Cpu("A processor", 2, frozenset({"avx2"}), 40e9), int(23.5 * GIB), 20 * GIB)
METAL = Device("metal", "Apple M2 GPU", 11 * GIB, 9 * GIB, 100e9, True, "0", "apple-m2")
CARD = Device("cuda", "NVIDIA GeForce RTX 4090", 24 * GIB, 23 * GIB, 1e12, False, "0", "8.9")
MAC = replace(SERVER, system="darwin", ram=16 * GIB, ram_free=10 * GIB, devices=(METAL,))


def total(setup: Setup, hardware: Hardware) -> int:
    return mlx.need(GEOMETRY, WEIGHTS, WIDENED, setup, hardware).total


@pytest.mark.parametrize(
    ("context", "seats", "taken"), [(4096, 1, 1875), (4096, 4, 1975), (16384, 1, 3015), (16384, 4, 4007)]
)
def test_no_less_than_was_taken_and_little_more(context: int, seats: int, taken: int) -> None:
    assert taken <= total(Setup(context, seats), SERVER) / 2**20 <= 1.1 * taken


def test_metal_keeps_half_as_many_bytes_and_bounds_the_rest() -> None:
    setup = Setup(16384, 4)
    here, there = (mlx.need(GEOMETRY, WEIGHTS, WIDENED, setup, machine) for machine in (MAC, SERVER))
    assert here.kv < 0.5 * there.kv and here.weights < there.weights
    beside = here.total - here.weights - here.runtime - setup.pool * 30 * 384 * 2
    assert beside <= 1.1 * GIB


def test_the_states_of_seats_and_snapshots_come_to_it() -> None:
    setup, recurrent = Setup(16384, 4), replace(GEOMETRY, state=10**7)
    needs = [mlx.need(shape, WEIGHTS, WIDENED, setup, MAC) for shape in (GEOMETRY, recurrent)]
    assert needs[1].kv - needs[0].kv == 10**7 * (2 * 4 + 8)


@pytest.mark.parametrize(("context", "seats", "taken"), [(512, 1, 222), (1024, 4, 236)])
def test_a_tiny_model_takes_little(context: int, seats: int, taken: int) -> None:
    """That of the tests, measured with random prompts of all its seats."""
    tiny = Geometry("llama", 2, 64, 128, 4, 49_152, 8192, (Layers(2, 64, 64),))
    expected = mlx.need(tiny, 12 * 2**20, 0, Setup(context, seats), SERVER).total / 2**20
    assert taken <= expected <= 2 * taken


def test_more_never_takes_less() -> None:
    sizes = [total(Setup(context, seats), MAC) for context in (2048, 8192, 32768) for seats in (1, 2, 4, 8)]
    assert sizes == sorted(sizes)


def test_it_must_fit_into_what_metal_recommends() -> None:
    room = fit(BODY, MAC, Wish(context=8192)).room
    assert room <= METAL.free
    assert fit(BODY, replace(MAC, devices=(replace(METAL, free=GIB),)), Wish(context=8192)).room == GIB


def test_other_cards_do_nothing_for_it() -> None:
    plan = fit(BODY, replace(SERVER, devices=(CARD,)), Wish(context=8192))
    assert (plan.where, plan.gpu_layers, plan.setup.kv) == ("memory", 0, "f16")
    assert plan.speed == fit(BODY, SERVER, Wish(context=8192)).speed
    assert fit(replace(BODY, format="gguf"), replace(SERVER, devices=(CARD,)), Wish(context=8192)).gpu_layers == -1


@pytest.mark.parametrize(("bits", "part"), [(4.5, 0.111), (8.5, 0.059), (16.0, 1.0)])
def test_what_numbers_of_sixteen_bits_take_more_on_a_processor(bits: float, part: float) -> None:
    assert mlx.widened(10**9, bits) == pytest.approx(part * 10**9, rel=0.01)
