"""Whose tools models of a node use, and which nodes may use its own."""

from pathlib import Path
from typing import Any

import anyio
import pytest
from localswarm.errors import Forbidden, SettingError
from localswarm.federation.federation import machine_name
from localswarm.node.hands import HERE, Shared, arms, check
from localswarm.settings import Settings
from localswarm.swarm.distant import Distant

from ..federation.swarms import Swarm
from ..federation.tooled import Tooled

ID, OTHER = "d" * 16, "e" * 16


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"tool_host": "any", "open": True}, "leave out --tool-host, or --open"),
        ({"tool_host": "https://desk:17616", "open": True}, "leave out --tool-host, or --open"),
        ({"tool_host": "desk", "federation": False}, "--no-federation is given"),
        ({"tool_host": "http://desk:17616"}, "--tool-host NAME"),
        ({"tool_server": True, "tool_members": ("desk",)}, "takes the ids of machines"),
    ],
)
def test_tools_that_can_never_be_used(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        check(Settings(**changed))


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"tool_host": "any"},
        {"tool_host": "https://desk", "federation": False},
        {"tool_server": True, "tool_members": (ID,)},
    ],
)
def test_tools_that_may_be_used(changed: dict[str, Any]) -> None:
    check(Settings(**changed))


@pytest.mark.parametrize(
    ("wanted", "is_host", "where"),
    [
        (None, False, None),
        (None, True, HERE),
        ("any", True, HERE),
        (machine_name(), True, HERE),
        ("any", False, "another machine"),
        ("desk", True, "another machine"),
        ("https://desk:17616", True, "another machine"),
    ],
)
async def test_whose_tools(wanted: str | None, is_host: bool, where: str | None, tmp_path: Path) -> None:
    own = Tooled(tmp_path).server if is_host else None
    async with Swarm(tmp_path) as swarm:
        federation = swarm.start("first").federation
        await anyio.sleep(0.1)
        found = arms(Settings(tool_host=wanted), own, federation, lambda _: None)
        place = found.place()
        assert (place.where if place else None) == where
        assert isinstance(found.hands, Distant) == bool(found.note) == (where not in (None, HERE))
        assert found.own is own, "it stays a host for others"


@pytest.mark.parametrize(
    ("changed", "words"),
    [({}, "does nothing"), ({"tool_host": "https://desk"}, "the tools at https://desk; --execute-client-tools: what")],
)
def test_who_takes_the_tools_of_clients_away_is_told_so(changed: dict[str, Any], words: str) -> None:
    assert words in arms(Settings(execute_client_tools=True, **changed), None, None, print).note


def test_who_may_and_why_one_may_not(tmp_path: Path) -> None:
    server = Tooled(tmp_path).server
    shared = Shared(server, {ID})
    assert shared.note.endswith(f": {ID}") and "all machines" in Shared(server).note
    assert Shared(server).admit(OTHER) and shared.admit(ID)
    with pytest.raises(Forbidden, match=f"--tool-members {ID},{OTHER}"):
        shared.admit(OTHER)
