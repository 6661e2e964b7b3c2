"""Which machines `--tool-members` lets in. By their ids alone: an id is proven, and a name anybody can take. Pure."""

from collections.abc import Sequence

from ..errors import SettingError
from ..federation.identity import is_id
from ..state.peers import KnownPeer

FLAG = "--tool-members"


def members(said: Sequence[str], known: Sequence[KnownPeer]) -> frozenset[str]:
    """SettingError where it is no id, with the id that is probably meant. `known`: machines of the swarm."""
    words = [one.lower() for one in said]
    others = [one for one in words if not is_id(one)]
    if not others:
        return frozenset(words)
    found = " ".join(_told(one, [each.id for each in known if each.name.lower() == one]) for one in others)
    raise SettingError(f"{FLAG} takes the ids of machines, since any machine of a swarm can take any name. {found}")


def _told(name: str, ids: Sequence[str]) -> str:
    if not ids:
        return (
            f"No machine called {name} was seen here yet; `python main.py status --json` on that machine has its id "
            "(federation, node, id)."
        )
    if len(ids) == 1:
        return f"The machine that calls itself {name} has the id {ids[0]}. If it is the right one: {FLAG} {ids[0]}"
    return (
        f"{len(ids)} machines call themselves {name}: {', '.join(ids)}. See on the right one which it is: "
        "`python main.py status --json` (federation, node, id)."
    )
