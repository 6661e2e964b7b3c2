"""Settings become a node with vLLM. What can be known of a failure is said here, before anything runs."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from ... import settings as setting
from ...engines.vllm import command
from ...engines.vllm.command import Wish
from ...hardware.machine import Hardware
from ...settings import Settings
from ...state import State
from ...state.budget import AlreadyRunning, DoesNotFit
from ...state.server import Wanted
from ...state.servers import Running
from ...swarm.upstream.http import Address
from ...swarm.upstream.server import UpstreamServer
from .. import key, machine
from ..company import belongs, company
from ..house import House
from ..memory import Claim
from ..premises import check_log, premises_of
from . import found, ground
from .foreign import ForeignVllm
from .node import VllmNode
from .record import FORMER_LOG, KEY_FILE, LOG_FILE, base_of
from .server import VllmServer
from .start import Start

# The key of a vLLM that somebody else runs, by the name that vLLM itself gives it.
THEIR_KEY = "VLLM_API_KEY"
HUB = Settings().hub
# One state folder has one vLLM of its own.
ONLY_PLACE = {"vllm": 1}


def build(settings: Settings, say: Callable[[str], None] = lambda _: None) -> VllmNode:
    wish, log = ground.wish(settings), settings.state_dir / LOG_FILE
    check_log(log, "vLLM's")
    premises = premises_of(settings)
    premises.look()
    state, hardware = premises.state, machine.glance(setting.foreign())
    vllm = _vllm(settings, wish, state, hardware, premises.name)
    with ExitStack() as opened:
        doors = premises.open(opened)
        claim = _claim(state, settings, wish, doors.port, isinstance(vllm, VllmServer))
        if isinstance(vllm, VllmServer) and not vllm.taken_over:
            _put_former_log_aside(log)
        beside = company(premises, hardware, belongs(settings, state), say)
        house = House(premises, doors, claim, beside, (state.notice,) if state.notice else ())
        node = VllmNode(house, hardware, wish, vllm, log)
        opened.pop_all()
    return node


def _vllm(settings: Settings, wish: Wish, state: State, hardware: Hardware, node: str) -> VllmServer | ForeignVllm:
    """The one that a former node left, the one that somebody else runs, or a new one."""
    variables, own_key = setting.environment(), key.kept(settings.state_dir / KEY_FILE)
    program = ground.executable(variables)
    start = _start(settings, program, wish, variables, own_key)
    if former := found.former(state, start.words, wish.name, own_key):
        return VllmServer(start, state, node, former)
    theirs = setting.variable(THEIR_KEY)
    if settings.vllm_port and found.foreign(settings.vllm_port, wish.name, theirs):
        return ForeignVllm(UpstreamServer(Address(base_of(settings.vllm_port), theirs), node), wish.name)
    share = ground.share(ground.cards(hardware, settings.force))
    return VllmServer(replace(start, wish=replace(wish, share=share)), state, node)


def _start(settings: Settings, program: str, wish: Wish, variables: Mapping[str, str], own_key: str) -> Start:
    hub = settings.hub if settings.hub != HUB else ""
    environment = command.variables(variables, own_key, hub, settings.offline)
    return Start(program, wish, environment, own_key, settings.state_dir / LOG_FILE, settings.vllm_port)


def _put_former_log_aside(log: Path) -> None:
    if log.exists():
        log.replace(log.with_name(FORMER_LOG))


def _claim(state: State, settings: Settings, wish: Wish, port: int, ours: bool) -> Claim:
    """It promises no memory: what vLLM has taken of the GPU is not free for others, as everybody can see. Of two nodes
    that start at once one gets the only place."""
    needs = ONLY_PLACE if ours else {}
    wanted = Wanted(Path(wish.model), wish.name, settings.context, settings.instances, needs, settings.host, port)
    try:
        got = state.servers.claim(wanted, ONLY_PLACE)
    except DoesNotFit as error:
        raise AlreadyRunning(error.holders[0]) from None
    if isinstance(got, Running):
        raise AlreadyRunning(got.server)
    return Claim(state, got.id)
