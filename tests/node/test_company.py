"""What a node offers to the others of its swarm."""

from collections.abc import Sequence
from pathlib import Path

from localswarm.federation.own import Sheltered
from localswarm.hardware.machine import Cpu, Hardware
from localswarm.node.company import company, offered
from localswarm.node.premises import premises_of
from localswarm.settings import Settings
from localswarm.swarm.member import Member

from ..swarm.scripted import ScriptedMember

MACHINE = Hardware("linux", Cpu("A processor", 4, frozenset({"avx2"}), 40e9), 2**34, 2**33)


class Beside:
    """A server that somebody runs; its models come and go."""

    def __init__(self) -> None:
        self.there: list[Member] = []

    def members(self) -> Sequence[Member]:
        return self.there


def test_servers_beside_it_are_offered_as_they_come_and_go() -> None:
    own, theirs, server = ScriptedMember(), ScriptedMember(), Beside()
    theirs.name = "theirs"

    def now() -> dict[str, Member]:
        return {key: one.member for key, one in offered(lambda: {"local": Sheltered(own)}, [server]).items()}

    assert now() == {"local": own}
    server.there = [theirs]
    assert now() == {"local": own, "theirs": theirs}
    server.there = []
    assert now() == {"local": own}


def test_one_that_stays_alone_enters_nothing(tmp_path: Path) -> None:
    premises = premises_of(Settings(state_dir=tmp_path))
    with premises.state:
        alone = company(premises, MACHINE, None, print)
    assert alone.enter(dict) is None and not alone.join and not alone.notes
