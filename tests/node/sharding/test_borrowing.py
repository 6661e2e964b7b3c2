"""What is lent counts in the choice of a model; who cannot borrow is told."""

from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from localswarm.errors import SettingError
from localswarm.federation.code import Code
from localswarm.federation.loans.asking import Offer
from localswarm.federation.loans.terms import Part, Terms
from localswarm.federation.loans.tunnel import Creditor
from localswarm.hardware.machine import Cpu, Device, Hardware
from localswarm.models.fit.budget import budget
from localswarm.models.fit.fit import ALL_LAYERS, Body, Wish, fit
from localswarm.models.geometry import Geometry, Layers
from localswarm.models.layout import Weights
from localswarm.node.memory import _needs
from localswarm.node.sharding import built
from localswarm.node.sharding.borrowing import Borrowing, asked, remark, together
from localswarm.node.swarm_code import Belonging
from localswarm.settings import Settings
from localswarm.state import State
from localswarm.state.budget import RAM

GIB = 2**30
LAPTOP = Hardware("linux", Cpu("A processor", 8, frozenset({"avx2"}), 50e9), 16 * GIB, 12 * GIB)
METAL = Device("metal", "A Mac's GPU", 12 * GIB, 10 * GIB, 100e9, unified=True, id="metal")
LARGE = Body(
    "large",
    Geometry("qwen2", 48, 5120, 13824, 40, 152064, 131072, (Layers(48, 1024, 1024),)),
    Weights(16 * GIB, GIB // 2, GIB // 2, 15 * GIB, shared=False),
)
WISH = Wish(context=8192, seats=1)


def offers(*rooms: int) -> tuple[Offer, ...]:
    return tuple(
        Offer(f"m{at}", Creditor(f"id{at}", f"m{at}", ()), Terms(f"m{at}", built.engine(), (Part("CPU", room),)))
        for at, room in enumerate(rooms)
    )


def test_a_model_that_fits_no_machine_fits_all_of_them() -> None:
    assert not fit(LARGE, LAPTOP, WISH).fits
    plan = fit(LARGE, together(LAPTOP, offers(12 * GIB)), WISH)
    assert plan.fits and 0 < plan.gpu_layers < 48 and plan.where == "CPU of m0 and memory"
    plan = fit(LARGE, together(LAPTOP, offers(12 * GIB, 12 * GIB)), WISH)
    assert plan.fits and plan.gpu_layers == ALL_LAYERS


def test_what_is_lent_is_taken_whole_for_its_lender_has_kept_what_he_keeps() -> None:
    assert budget(together(LAPTOP, offers(5 * GIB))).cards == (5 * GIB,)


def test_a_gpu_that_shares_the_memory_counts_beside_what_is_lent() -> None:
    mac = replace(LAPTOP, devices=(METAL,))
    room = budget(together(mac, offers(5 * GIB)))
    assert not room.unified and room.devices == ("id0/0", "metal")
    assert room.ram + room.on_cards < 12 * GIB + 5 * GIB
    assert together(mac, ()) == mac


def test_only_what_is_taken_here_is_claimed_here() -> None:
    hardware = together(LAPTOP, offers(12 * GIB))
    plan = fit(LARGE, hardware, WISH)
    needs = _needs(plan, hardware)
    assert 4 * GIB < needs[RAM] < 12 * GIB and sum(needs.values()) == needs[RAM]


def test_whoever_needs_nobody_is_told() -> None:
    lent, small = offers(12 * GIB), replace(LARGE, weights=replace(LARGE.weights, total=4 * GIB))
    hardware = together(LAPTOP, lent)
    assert "without --shard it writes faster" in remark(hardware, lent, fit(small, hardware, WISH))[0]
    assert "m0 may hold a part" in remark(hardware, lent, fit(LARGE, hardware, WISH))[0]
    assert remark(LAPTOP, (), fit(small, LAPTOP, WISH)) == ()


@pytest.mark.parametrize(
    ("settings", "alone", "told"),
    [
        (Settings(shard=("desk",)), True, "start without --no-federation"),
        (Settings(shard=("desk",), engine="mlx"), False, "start without --engine mlx"),
        (Settings(shard=("desk",), engine="vllm"), False, "start without --engine vllm"),
    ],
)
def test_who_cannot_borrow(settings: Settings, alone: bool, told: str, tmp_path: Path) -> None:
    with State(tmp_path) as state, pytest.raises(SettingError, match=told):
        asked(settings, state, None if alone else Belonging(Code.new(), ""))


def test_nobody_is_asked_where_nobody_was_named(tmp_path: Path) -> None:
    with State(tmp_path) as state:
        assert asked(Settings(), state, None) == ()


def test_a_build_without_it_says_what_mends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(built, "COMMAND", ("false",))
    with pytest.raises(SettingError, match=r"without its RPC backend, which --lend needs\. Remove the folder"):
        built.lendable("--lend")


async def test_what_is_borrowed_is_told(tmp_path: Path) -> None:
    borrowing = Borrowing(offers(5 * GIB, 7 * GIB), lambda: pytest.fail("nobody is asked"), lambda: None)
    async with anyio.create_task_group() as group:
        group.start_soon(borrowing.run)
        await anyio.sleep(0.05)
        first, second = borrowing.told()
        group.cancel_scope.cancel()
    assert (first.id, first.name, first.room, first.condition) == ("id0", "m0", 5 * GIB, "waiting")
    assert (second.name, second.room, second.trouble) == ("m1", 7 * GIB, "") and 0 <= second.since < 60
    assert Borrowing((), lambda: pytest.fail("nobody is asked"), lambda: None).told() == ()
