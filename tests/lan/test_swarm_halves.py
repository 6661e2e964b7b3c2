"""A swarm that is cut in two for a minute: each half goes on as a swarm of its own, and they become one again."""

import time
from pathlib import Path

from .netlab import Lab
from .stubs import STARTED_SECONDS, Stubs, all_at
from .watched import until

HALVES = ("h1", "h2"), ("h3", "h4")
SECONDS = 60.0


def test_partition_of_sixty_seconds(tmp_path: Path) -> None:
    with Lab(4, seed=1) as lab:
        stubs = Stubs(lab, tmp_path)
        for name in lab.hosts:
            # Each half has one that is asked, and one that answers.
            stubs.start(name, "--writes", "20" if name in ("h1", "h3") else "100")
        stubs.together(seconds=STARTED_SECONDS)
        asked = [*stubs.ask("h1", 6, 300), *stubs.ask("h3", 6, 300)]
        assert all_at(asked, 10)
        cut = time.monotonic()
        lab.partition(HALVES[0])
        for one in asked:
            one.wait()
        # Who has gone is no trouble: a partition looks the same from both sides.
        for half in HALVES:
            assert until(lambda half=half: halved(stubs, half), 15), stubs.story()  # type: ignore[misc]
        asked += [*stubs.ask("h1", 3), *stubs.ask("h3", 3)]
        for one in asked:
            one.wait()
        assert [one.end for one in asked] == ["whole"] * len(asked), stubs.story()
        time.sleep(max(0.0, cut + SECONDS - time.monotonic()))
        lab.heal()
        stubs.check([*asked, *stubs.ask("h1", 3), *stubs.ask("h4", 3)])
        assert all(node.lives for node in stubs.nodes.values())


def halved(stubs: Stubs, half: tuple[str, ...]) -> bool:
    """Each asks the other, and nobody else."""
    return all(
        len(stubs[name].asked) == 1
        and stubs[name].peers == {other: "alive" if other in half else "gone" for other in stubs.nodes if other != name}
        for name in half
    )
