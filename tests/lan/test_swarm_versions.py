"""Nodes of several versions of Local Swarm, each a process of its own."""

from pathlib import Path

from .netlab import Lab, kill
from .stubs import STARTED_SECONDS, Stubs, all_at
from .watched import until


def test_versions_that_have_a_protocol_in_common_are_one_swarm_and_others_are_told_whom_to_update(
    tmp_path: Path,
) -> None:
    with Lab(4, seed=1) as lab:
        stubs = Stubs(lab, tmp_path)
        stubs.start("h1", "--writes", "20")
        stubs.start("h2", program=("other_version", "older", "0-1"))
        stubs.start("h3", program=("other_version", "newer", "1-2"))
        stubs.together(seconds=STARTED_SECONDS)
        # Asked by each, answered by each, and gone on with by another version.
        asked = [one for name in ("h1", "h2", "h3") for one in stubs.ask(name, 4, 200)]
        asked.append(stubs["h1"].ask(stubs.prompt(), 40, "swarm:vote"))
        assert all_at(asked[:4], 20)
        kill(stubs["h3"].process)
        stubs.check([one for one in asked if one not in asked[8:12]])
        stubs.start("h3", program=("other_version", "newer", "2-2"))
        for name, late in (("h1", "this machine"), ("h3", "the node")):
            wanted = f"update Local Swarm on {late}"
            assert until(lambda: any(wanted in said for said in stubs[name].values("said")), 30), stubs.story()  # noqa: B023
        assert len(stubs["h1"].asked) == 1
        last = stubs["h1"].ask(stubs.prompt(), 40).wait()
        assert (last.end, last.wrong) == ("whole", "")
        stubs.stop("h3")
        stubs.check([last])
