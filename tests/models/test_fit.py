"""Whether a model fits a machine, and how it is loaded then."""

from dataclasses import replace

import pytest
from localswarm.hardware.machine import Cpu, Device, Hardware
from localswarm.models.fit.budget import budget
from localswarm.models.fit.expected import Grown
from localswarm.models.fit.fit import ALL_LAYERS, Body, Wish, aside, fit, setups, steps_down
from localswarm.models.geometry import Geometry, Layers
from localswarm.models.layout import Weights

GIB = 2**30
CPU = Cpu("A processor", 8, frozenset({"avx2"}), 50e9)
LAPTOP = Hardware("linux", CPU, 16 * GIB, 12 * GIB)
CARD = Device("cuda", "A card", 24 * GIB, 23 * GIB, 900e9)
SEVEN = Body(
    "seven",
    Geometry("qwen2", 28, 3584, 18944, 28, 152064, 131072, (Layers(28, 512, 512),)),
    Weights(4_680_000_000, 300_000_000, 300_000_000, 4_380_000_000, shared=False),
)


def on(*devices: Device, ram: int = 64 * GIB) -> Hardware:
    return replace(LAPTOP, ram=ram, ram_free=ram * 9 // 10, devices=devices)


def test_memory_that_others_use_is_not_ours() -> None:
    assert budget(LAPTOP).ram < 12 * GIB
    assert budget(replace(LAPTOP, ram_free=0)).ram == 0
    assert budget(on(CARD)).cards[0] < 23 * GIB


def test_unified_memory_is_counted_once() -> None:
    unified = Device("metal", "Apple M3 GPU", 12 * GIB, 10 * GIB, 100e9, unified=True)
    room = budget(replace(LAPTOP, ram=16 * GIB, ram_free=11 * GIB, devices=(unified,)))
    assert room.ram < 11 * GIB and not room.cards and room.unified


def test_a_card_takes_all_layers_where_they_fit() -> None:
    plan = fit(SEVEN, on(CARD), Wish())
    assert (plan.gpu_layers, plan.where, plan.fits) == (ALL_LAYERS, "A card", True)
    assert plan.setup.context == 65536


def test_a_small_card_takes_a_part_and_says_so() -> None:
    plan = fit(SEVEN, on(replace(CARD, total=4 * GIB, free=4 * GIB)), Wish())
    assert 0 < plan.gpu_layers < 28 and plan.where == "A card and memory"


def test_two_cards_hold_what_one_cannot() -> None:
    large = replace(SEVEN, weights=replace(SEVEN.weights, total=30 * GIB, active=29 * GIB))
    assert fit(large, on(CARD, CARD), Wish()).where == "2 GPUs"
    assert fit(large, on(CARD), Wish()).gpu_layers != ALL_LAYERS


def test_no_wish_goes_without_the_floor_where_there_is_memory() -> None:
    plan = fit(SEVEN, LAPTOP, Wish())
    assert plan.fits and not plan.below_floor and plan.setup.context >= 32768
    assert fit(SEVEN, replace(LAPTOP, ram_free=7 * GIB), Wish()).below_floor


def test_a_context_that_was_asked_for_is_never_changed() -> None:
    for context in (1024, 65536, 131072):
        assert fit(SEVEN, LAPTOP, Wish(context=context)).setup.context == context


def test_what_does_not_fit_says_by_how_much() -> None:
    plan = fit(SEVEN, replace(LAPTOP, ram_free=3 * GIB), Wish())
    assert not plan.fits and plan.need.total > plan.room


def test_the_first_thing_given_up_is_the_precision_of_the_cache_then_seats_then_context() -> None:
    order = list(setups(SEVEN.geometry, Wish(context=32768)))
    assert [(one.kv, one.seats) for one in order] == [
        ("f16", 8), ("q8_0", 8), ("q8_0", 4), ("q8_0", 2), ("q8_0", 1),
    ]  # fmt: skip
    free = [one.context for one in setups(SEVEN.geometry, Wish(seats=1, kv="f16"))]
    assert free == [131072, 65536, 32768, 16384, 8192, 4096, 2048]


def test_steps_down_give_up_the_cache_then_seats_then_context() -> None:
    plan = fit(SEVEN, on(CARD), Wish(use="coding"))
    steps = list(steps_down(plan, SEVEN.geometry, Wish()))
    assert [(one.kv, one.seats, one.context) for one in steps[:6]] == [
        ("q8_0", 8, 65536), ("q8_0", 4, 65536), ("q8_0", 2, 65536), ("q8_0", 1, 65536), ("q8_0", 1, 32768),
        ("q8_0", 1, 16384),
    ]  # fmt: skip


def test_what_was_asked_for_is_not_given_up() -> None:
    wish = Wish(context=32768, seats=8, kv="f16")
    assert list(steps_down(fit(SEVEN, LAPTOP, wish), SEVEN.geometry, wish)) == []


def test_a_small_model_keeps_its_own_trained_context() -> None:
    small = replace(SEVEN, geometry=replace(SEVEN.geometry, trained_context=8192))
    for wish, below in ((Wish("coding"), True), (Wish("chat"), False)):
        plan = fit(small, LAPTOP, wish)
        assert plan.setup.context == 8192 and plan.below_floor is below


@pytest.mark.parametrize("wish", [Wish(gpu_layers=0), Wish(gpu_layers=10)])
def test_layers_that_were_asked_for_are_taken_exactly(wish: Wish) -> None:
    assert fit(SEVEN, on(CARD), wish).gpu_layers == wish.gpu_layers


def test_work_beside_the_answers_gets_what_is_kept_free_where_the_model_lies() -> None:
    small = replace(CARD, total=4 * GIB, free=4 * GIB)
    for hardware, wish, kept in (
        (LAPTOP, Wish(), int(0.1 * 16 * GIB)),
        (replace(LAPTOP, ram=2 * GIB), Wish(), GIB // 2),
        (on(CARD), Wish(), int(0.04 * 24 * GIB)),
        (on(CARD), Wish(gpu_layers=0), int(0.1 * 64 * GIB)),
        (on(small), Wish(), 300 * 2**20),
    ):
        assert aside(hardware, fit(SEVEN, hardware, wish)) == kept


def test_what_was_measured_before_counts() -> None:
    tight = replace(LAPTOP, ram_free=9 * GIB)
    as_reckoned, as_measured = fit(SEVEN, tight, Wish()), fit(SEVEN, tight, Wish(), extra=Grown(ram=1.3))
    assert as_measured.setup.pool < as_reckoned.setup.pool


def test_a_processor_is_slow_and_a_card_is_not() -> None:
    slow, fast = fit(SEVEN, LAPTOP, Wish()).speed, fit(SEVEN, on(CARD), Wish()).speed
    assert 5 < slow.writing < 12 and 80 < fast.writing < 200
    assert slow.reading < 40 < fast.reading
