"""`--tool-members` takes ids, and says which one is meant where it is given a name."""

import pytest
from localswarm.errors import SettingError
from localswarm.node.tool_members import members
from localswarm.state.peers import KnownPeer

ONE, TWO, THREE = "1" * 16, "a" * 16, "b" * 16
KNOWN = [KnownPeer(ONE, "Laptop", ()), KnownPeer(TWO, "twin", ()), KnownPeer(THREE, "twin", ())]


@pytest.mark.parametrize("said", [(), (ONE,), (TWO.upper(), "f" * 16)])
def test_ids(said: tuple[str, ...]) -> None:
    assert members(said, KNOWN) == {one.lower() for one in said}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (("laptop",), f"calls itself laptop has the id {ONE}. If it is the right one: --tool-members {ONE}"),
        ((ONE, "LAPTOP"), f"has the id {ONE}"),
        (("twin",), f"2 machines call themselves twin: {TWO}, {THREE}"),
        (("desk",), "No machine called desk was seen here yet"),
        (("1111",), "No machine called 1111 was seen here yet"),
        (("laptop", "desk"), "No machine called desk"),
    ],
)
def test_what_is_no_id(said: tuple[str, ...], words: str) -> None:
    with pytest.raises(SettingError, match="--tool-members takes the ids of machines") as caught:
        members(said, KNOWN)
    assert words in caught.value.message
