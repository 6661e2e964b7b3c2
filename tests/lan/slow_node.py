"""A whole node but for its engine: python -m tests.lan.slow_node STATE [--name NAME] [--code CODE] [--peer HOST] ...

It prints lines of JSON: the seconds of the monotonic clock, what, and a value. What a user is told is `said`.
"""

import argparse
import asyncio
import json
import time
from functools import partial
from pathlib import Path

from localswarm.api.guard import Access
from localswarm.errors import Unavailable
from localswarm.federation import identity
from localswarm.federation.code import Code
from localswarm.federation.federation import Federation
from localswarm.federation.options import Options
from localswarm.federation.own import Machine, Own, Sheltered
from localswarm.node.doors import Doors
from localswarm.node.front import Front
from localswarm.node.listen import listen
from localswarm.node.memory import Claim
from localswarm.state import State
from localswarm.state.server import Wanted
from localswarm.state.servers import Claimed
from localswarm.swarm.answer import Swarm
from localswarm.swarm.member import Member
from localswarm.swarm.routing import Router

from .slow_member import SlowMember

API, SWARM = 17615, 17617
WATCH_SECONDS = 0.02


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("state", type=Path)
    parser.add_argument("--name", default="slow")
    parser.add_argument("--code")
    parser.add_argument("--host")
    parser.add_argument("--model", default="slow")
    parser.add_argument("--peer", action="append", default=[])
    parser.add_argument("--seats", type=int, default=4)
    parser.add_argument("--writes", type=float, default=100.0)
    parser.add_argument("--reads", type=float, default=10_000.0)
    words = parser.parse_args()
    words.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    asyncio.run(run(words))


async def run(words: argparse.Namespace) -> None:
    folder: Path = words.state
    if words.code:
        identity.keep_code(folder, Code.parse(words.code))
    state = State(folder)
    member = SlowMember(model=words.model, seats=words.seats, writes=words.writes, reads=words.reads)
    places = tuple((peer, SWARM) for peer in words.peer)
    options = Options(folder, SWARM, True, words.host, places, say=partial(say, "said"))
    own = Own(Machine(words.name, "test", "a stub"), lambda: {"local": Sheltered(member, lambda: member.steps)}, clock)
    federation = Federation(options, own, state)
    swarm = Swarm([member], [federation], words.name, Router())
    claimed = state.servers.claim(Wanted(folder, words.model, 0, 1, {}, "0.0.0.0", API), {})
    assert isinstance(claimed, Claimed)
    doors = Doors("0.0.0.0", listen("0.0.0.0", API), Access())
    front = Front(swarm, doors, (), Claim(state, claimed.id), federation)
    say("id", federation.identity.id)
    await front.run([partial(watch, federation, member), front.ready], nothing)


async def watch(federation: Federation, member: SlowMember) -> None:
    """Tells of each change: who may be asked, what is believed of each, and what the member has read."""
    before: dict[str, object] = {}
    while True:
        peers = federation.look().peers
        now: dict[str, object] = {
            "asked": sorted(one.name for one in federation.members() if can_serve(one)),
            "peers": {one.name or one.id: one.condition for one in peers},
            "read": [member.read, member.prompts],
            "running": [member.running, member.waiting],
            "tasks": len(asyncio.all_tasks()) // 10 * 10,
        }
        for what, value in now.items():
            if before.get(what) != value:
                say(what, value)
        before = now
        await asyncio.sleep(WATCH_SECONDS)


def can_serve(member: Member) -> bool:
    try:
        member.served()
    except Unavailable:
        return False
    return True


async def nothing() -> None: ...


def clock() -> float:
    return time.monotonic()


def say(what: str, value: object) -> None:
    print(json.dumps([time.monotonic(), what, value]), flush=True)


if __name__ == "__main__":
    main()
