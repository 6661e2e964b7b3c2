"""Stub nodes on networks that are odd, late or changing, with clocks that are wrong and homes that were copied."""

import shutil
import subprocess
from pathlib import Path

import pytest

from .netlab import Lab
from .stubs import STARTED_SECONDS, Stubs
from .watched import until

DAYS = 86_400


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("a wrong clock is made with a C compiler")
    library = tmp_path / "clock.so"
    source = Path(__file__).with_name("shifted_clock.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source], check=True, timeout=60)
    return library


def test_multicast_blocked_and_one_named_whose_address_changes(tmp_path: Path) -> None:
    with Lab(3, seed=1) as lab:
        lab.link(block_multicast=True)
        stubs = Stubs(lab, tmp_path)
        stubs.start("h1", "--writes", "10")
        stubs.start("h2", "--peer", lab["h1"].ip)
        stubs.start("h3", "--peer", lab["h1"].ip)
        stubs.together(seconds=STARTED_SECONDS)
        asked = stubs.ask("h1", 3, 300)
        helper = stubs.helper("h1")
        helper.host.run("ip addr flush dev eth0; ip addr add 10.77.0.99/24 dev eth0")
        stubs.check(asked)
        assert stubs["h1"].ask(stubs.prompt(), 20).wait().end == "whole"


def test_two_lans_and_a_network_that_comes_late(tmp_path: Path) -> None:
    """The middle one knows everybody; the others know each other only by name, and ask only what they reach."""
    with Lab({"left": ["lan0"], "middle": ["lan0", "lan1"], "right": ["lan1"]}, seed=1) as lab:
        lab["right"].run("ip link set eth0 down")
        stubs = Stubs(lab, tmp_path)
        for name in lab.hosts:
            stubs.start(name)
        stubs.together(("left", "middle"), STARTED_SECONDS)
        assert until(lambda: stubs["right"].values("id"), STARTED_SECONDS)
        lab["right"].run(f"ip link set eth0 up; ip addr add {lab['right'].ip6['lan1']}/64 dev eth0 nodad || true")
        assert until(lambda: len(stubs["middle"].asked) == 2, 15), stubs.story()
        assert until(lambda: len(stubs["right"].asked) == 1, 15), stubs.story()
        asked = [one for name in lab.hosts for one in stubs.ask(name, 4, 50)]
        assert [one.wait().end for one in asked] == ["whole"] * len(asked)
        assert len(stubs["left"].asked) == 1
        stubs.free()


def test_clocks_that_are_wrong_and_a_home_that_was_copied(tmp_path: Path, clock: Path) -> None:
    with Lab(3, seed=1) as lab:
        stubs = Stubs(lab, tmp_path)
        stubs.start("h1", "--writes", "10")
        assert until(lambda: stubs["h1"].values("id"), STARTED_SECONDS)
        stubs.copy("h1", "h2")
        stubs.start("h2", environment={"LD_PRELOAD": str(clock), "SHIFT_SECONDS": str(400 * DAYS)})
        stubs.start("h3", environment={"LD_PRELOAD": str(clock), "SHIFT_SECONDS": str(-40 * DAYS)})
        stubs.together(seconds=STARTED_SECONDS)
        asked = [one for name in lab.hosts for one in stubs.ask(name, 4, 50)]
        stubs.check(asked)
