"""A program that only discovers: python -m tests.lan.announcer ID [--host ADDRESS] [--port PORT] [--tag TAG].

Prints a line of JSON for each sighting and each change of the problem: the seconds since its start come first."""

import argparse
import asyncio
import json
import time

from localswarm.federation.discovery import Discovery, Record, Sighting
from localswarm.federation.nodes import Endpoint


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("id")
    parser.add_argument("--host")
    parser.add_argument("--port", type=int, default=17617)
    parser.add_argument("--tag", default="5afe")
    options = parser.parse_args()
    record = Record(options.id, options.tag, 1, f"node {options.id[:4]}", options.port)
    asyncio.run(announce(record, options.host))


async def announce(record: Record, host: str | None) -> None:
    discovery = Discovery(record, sighted, host)
    running = asyncio.create_task(discovery.run())
    say("ready", "")
    problem: str | None = None
    twins: tuple[Endpoint, ...] = ()
    while not running.done():
        due = time.monotonic() + 0.05
        await asyncio.sleep(0.05)
        if time.monotonic() - due > 0.2:
            say("late", time.monotonic() - due)
        if discovery.problem != problem:
            problem = discovery.problem
            say("problem", problem)
        if discovery.twins != twins:
            twins = discovery.twins
            say("twins", [str(endpoint) for endpoint in twins])
    await running


def sighted(sighting: Sighting) -> None:
    say(sighting.id, [str(endpoint) for endpoint in sighting.endpoints])


def say(what: str, value: object) -> None:
    print(json.dumps([time.monotonic(), what, value]), flush=True)


if __name__ == "__main__":
    main()
