"""Which swarm this machine belongs to, and who of it may not come back: what is kept of that in the state folder."""

from dataclasses import dataclass
from pathlib import Path

from ..errors import SettingError
from ..federation import identity
from ..federation.code import OPEN, Code
from ..settings import Settings
from ..state import State
from ..state.failures import StateUnusable
from ..state.peers import KnownPeer

SHORTEST_PART = 4  # of an id; fewer digits are soon those of another node too
SHOW_CODE = "python main.py swarm code"


@dataclass(frozen=True, slots=True)
class Belonging:
    """`join`: what is told of how to join."""

    code: Code
    join: str
    notes: tuple[str, ...] = ()


def belonging(settings: Settings, state: State, paired: Code | None = None) -> Belonging:
    """The swarm that a node of these settings is of, kept for later starts. `paired`: what a PIN has brought."""
    refuse_contradictions(settings)
    folder = settings.state_dir
    if settings.open:
        return Belonging(OPEN, "python main.py --auto --open")
    given = paired or (Code.parse(settings.join) if settings.join else None)
    if given:
        return Belonging(given, SHOW_CODE, joined(folder, state, given))
    known = identity.code_of(folder)
    code = known or identity.first_code(folder)
    return Belonging(code, SHOW_CODE if known else join_line(code))


def refuse_contradictions(settings: Settings) -> None:
    wished = [flag for flag, set in (("--join", settings.join), ("--pair", settings.pair)) if set]
    if settings.open and wished:
        raise SettingError(f"--open is a swarm without a code, and {wished[0]} asks for one. Leave one of them out.")
    if len(wished) > 1:
        raise SettingError("--join and --pair both say which swarm to join. Leave one of them out.")


def joined(folder: Path, state: State, code: Code) -> tuple[str, ...]:
    """What has to be said of it. Whoever is of another swarm now has nothing to do with the nodes of the one before."""
    if code == _known(folder):
        return ()
    identity.keep_code(folder, code)
    before = state.peers.all()
    state.peers.forget_all()
    return (f"This machine has left the swarm that it was of with {before[0].name or before[0].id}",) if before else ()


def join_line(code: Code) -> str:
    return f"python main.py --auto --join {code}"


def shown(folder: Path) -> str:
    """How another machine joins; a code is made where there is none yet."""
    return join_line(identity.first_code(folder))


def renewed(folder: Path) -> str:
    """The same with another code: whoever has the one before is out."""
    code = Code.new()
    identity.keep_code(folder, code)
    return join_line(code)


def forget(folder: Path, said: str) -> KnownPeer:
    """It may not come back. SettingError where it is not clear who is meant."""
    with State(folder) as state:
        node = _meant(said, state.peers.all())
        state.peers.deny(node.id, node.name)
    return node


def allow(folder: Path, said: str) -> KnownPeer:
    """It may come back after all."""
    with State(folder) as state:
        node = _meant(said, [KnownPeer(one.id, one.name, ()) for one in state.peers.denied()])
        if not state.peers.allow(node.id):
            raise SettingError(f"{said} was not forgotten, so there is nothing to take back.")
    return node


def _meant(said: str, known: list[KnownPeer]) -> KnownPeer:
    """By its id, the beginning of that, or its name. A whole id need not be known."""
    word = said.strip().lower()
    found = [one for one in known if word in (one.id, one.name.lower()) or _begins(word, one.id)]
    if len(found) == 1:
        return found[0]
    if found:
        raise SettingError(f"Several machines are called {said}: {_listed(found)}. Say which by its id.")
    if identity.is_id(word):
        return KnownPeer(word, "", ())
    there = f"Known are: {_listed(known)}" if known else "None is known. Take its whole id"
    raise SettingError(f"No machine called {said} is known here. {there}. See: python main.py status")


def _begins(word: str, id: str) -> bool:
    return len(word) >= SHORTEST_PART and id.startswith(word)


def _listed(nodes: list[KnownPeer]) -> str:
    return ", ".join(f"{one.name} ({one.id})" if one.name else one.id for one in nodes)


def _known(folder: Path) -> Code | None:
    """What is damaged is replaced by what is joined."""
    try:
        return identity.code_of(folder)
    except StateUnusable:
        return None
