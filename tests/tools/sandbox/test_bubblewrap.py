"""The order of what bubblewrap is told, where it matters."""

from pathlib import Path

from localswarm.tools.sandbox import Limits
from localswarm.tools.sandbox.bubblewrap import command


def test_the_order_of_places() -> None:
    words = command("bwrap", ["program", "word"], [Path("/tmp/shown")], Limits())
    at = [words.index(word) for word in ("/usr", "--size", "/tmp/shown", "--remount-ro", "--")]
    assert at == sorted(at), "what is shown may lie in the folder of its own, and is closed after all was placed"
    assert words[words.index("--size") + 2 : words.index("--size") + 4] == ["--tmpfs", "/tmp"]
    assert words[-2:] == ["program", "word"]


def test_the_limits_are_set_inside() -> None:
    limits = Limits(cpu_seconds=7, memory=100, processes=3, file=50)
    words = command("bwrap", ["program"], [], limits)
    bounded = words[words.index("--") + 1 :]
    assert bounded[0] == "prlimit" and bounded[-2:] == ["--", "program"]
    assert {"--cpu=7:8", "--as=100", "--nproc=3", "--fsize=50", "--core=0"} < set(bounded)
