"""A node with tools, or one that calls them: python -m tests.lan.tool_node STATE --name NAME --code CODE ...

It prints lines of JSON: the seconds of the monotonic clock, what, and a value. A node that calls ends with its call.
"""

import argparse
import asyncio
import json
import time
from functools import partial
from pathlib import Path
from uuid import uuid4

from localswarm.chat import ToolCall
from localswarm.errors import Forbidden, SwarmError
from localswarm.federation import identity
from localswarm.federation.code import Code
from localswarm.federation.federation import Federation
from localswarm.federation.options import Options
from localswarm.federation.own import Machine, Own
from localswarm.federation.toolbox import Toolbox
from localswarm.state import State
from localswarm.swarm.distant import Distant

from ..federation.tooled import Tooled

SWARM = 17617
WATCH_SECONDS = 0.02
FIND_SECONDS = 20.0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("state", type=Path)
    parser.add_argument("--name", required=True)
    parser.add_argument("--code", required=True)
    parser.add_argument("--members", nargs="*", default=[])
    parser.add_argument("--call", type=float, help="seconds of a call that is made, instead of having tools")
    parser.add_argument("--host")
    parser.add_argument("--find", type=float, default=FIND_SECONDS)
    words = parser.parse_args()
    words.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    identity.keep_code(words.state, Code.parse(words.code))
    asyncio.run(serve(words) if words.call is None else call(words))


async def serve(words: argparse.Namespace) -> None:
    async with Tooled(words.state, *words.members) as tooled:
        node = federation(words, tooled)
        running = asyncio.create_task(node.run())
        say("id", node.identity.id)
        told = 0
        while not running.done():
            for caller in tooled.ran[told:]:
                say("ran", caller)
            told = len(tooled.ran)
            await asyncio.sleep(WATCH_SECONDS)
        await running


async def call(words: argparse.Namespace) -> None:
    node = federation(words, None)
    running = asyncio.create_task(node.run())
    distant = Distant(Toolbox(lambda: node.life, words.host).find)
    await find(distant, words.find)
    say("calling", node.identity.id)
    begun = time.monotonic()
    outcome = await distant.execute(
        ToolCall(uuid4().hex, "wait", json.dumps({"seconds": words.call})), words.name, "session"
    )
    say("outcome", [outcome.state, outcome.content, time.monotonic() - begun])
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def find(distant: Distant, seconds: float) -> None:
    """Whether there is one or not: what comes of a call then is what is looked at."""
    end, trouble = time.monotonic() + seconds, ""
    while time.monotonic() < end:
        try:
            say("tools", [spec.name for spec in await distant.specs()])
            return
        except Forbidden as error:
            say("trouble", error.message)
            return
        except SwarmError as error:
            if error.message != trouble:
                say("trouble", trouble := error.message)
        await asyncio.sleep(0.1)


def federation(words: argparse.Namespace, tooled: Tooled | None) -> Federation:
    own = Own(Machine(words.name, "test", "a stub"), dict, time.monotonic, tooled.shared if tooled else None)
    options = Options(words.state, SWARM, True, say=partial(say, "said"))
    return Federation(options, own, State(words.state))


def say(what: str, value: object) -> None:
    print(json.dumps([time.monotonic(), what, value]), flush=True)


if __name__ == "__main__":
    main()
