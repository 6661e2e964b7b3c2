"""What it costs to answer through another node: CPU of each side for a token, and time to the first one.

`python -m tests.benchmarks.relay_peer [--streams N] [--seconds N] [--pace N]`. The member behind writes tokens at a
steady pace and costs nothing itself; the CPU of a node that does nothing else is what its streams cost.
"""

import argparse
import asyncio
import multiprocessing
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

import psutil
from localswarm.chat import Accepted, ChatRequest, Event, Finished, Message, Sampling, Text, TextDelta, Usage
from localswarm.federation.link import Link
from localswarm.federation.nodes import Endpoint
from localswarm.federation.peer import PeerMember, PeerNode
from localswarm.swarm.member import Member

from ..federation.certificates import Authority
from ..federation.offered import Offered, serving
from ..swarm.scripted import ScriptedMember, Step

REQUEST = ChatRequest("r", "scripted", (Message("user", (Text("word " * 500),)),))
FIRSTS = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--pace", type=float, default=20.0, help="tokens per second of each stream")
    words = parser.parse_args()
    costs = asyncio.run(measured(words.streams, words.seconds, words.pace))
    print(f"first token through a peer: {median(costs.firsts) * 1e3:.2f} ms (least {min(costs.firsts) * 1e3:.2f})")
    rate = f"{costs.tokens} tokens in {costs.seconds:.1f} s ({costs.rate:.0f} a second)"
    print(f"{words.streams} streams, {rate}, CPU for a token:")
    print(f"  the node that asks {costs.asking * 1e6:.1f} us, the node that answers {costs.answering * 1e6:.1f} us,")
    print(f"  of which the member itself {costs.member * 1e6:.1f} us")


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds; those of CPU for each token. `firsts`: until the first token, each alone. `member`: what the stub that
    writes them costs itself."""

    firsts: Sequence[float]
    tokens: int
    seconds: float
    asking: float
    answering: float
    member: float

    @property
    def rate(self) -> float:
        return self.tokens / self.seconds


async def measured(streams: int, seconds: float, pace: float) -> Costs:
    """`pace`: tokens per second of each stream."""
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        with node(authority) as (port, pid):
            link = Link("a", authority.client("c"), [Endpoint("127.0.0.1", port)])
            try:
                return await measure(link, pid, streams, seconds, pace)
            finally:
                await link.close()


@contextmanager
def node(authority: Authority) -> Iterator[tuple[int, int]]:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=serve, args=(authority, there))
    process.start()
    try:
        yield here.recv(), process.pid or 0
    finally:
        process.kill()
        process.join()


def serve(authority: Authority, tell: Connection) -> None:
    async def run() -> None:
        async with serving(authority.server("a"), Offered({"m": ScriptedMember(script)})) as server:
            tell.send(server.port)
            await asyncio.Event().wait()

    asyncio.run(run())


def script(request: ChatRequest) -> Sequence[Step]:
    """So many tokens as may be written, one each so many microseconds as the seed says."""
    tokens, pause = request.sampling.max_tokens or 1, (request.sampling.seed or 0) / 1e6
    steps: list[Step] = [Accepted(5)]
    for number in range(tokens):
        steps += [pause, TextDelta(f"token {number % 10}")] if pause else [TextDelta("token")]
    return [*steps, Finished("stop", Usage(5, tokens))]


async def measure(link: Link, pid: int, streams: int, seconds: float, pace: float) -> Costs:
    told = PeerNode(link)
    told.take(await link.report())
    member = told.members()[0]
    firsts = [await first(member) for _ in range(FIRSTS)]
    # Every stream has its connection by then, as it does on a node that has worked for a while.
    await asyncio.gather(*(stream(member, 1, pace) for _ in range(streams)))
    each = round(seconds * pace)
    before = cpu(pid), cpu(None)
    begun = time.perf_counter()
    tokens = sum(await asyncio.gather(*(stream(member, each, pace) for _ in range(streams))))
    took = time.perf_counter() - begun
    there, here = (after - was for after, was in zip((cpu(pid), cpu(None)), before, strict=True))
    before_alone = cpu(None)
    await asyncio.gather(*(stream(ScriptedMember(script), each, pace) for _ in range(streams)))
    alone = cpu(None) - before_alone
    return Costs(firsts, tokens, took, here / tokens, there / tokens, alone / tokens)


async def first(member: PeerMember) -> float:
    begun = time.perf_counter()
    heard: list[float] = []

    async def hear(event: Event) -> None:
        heard.append(time.perf_counter())

    await member.generate(asked(1, 0), hear)
    return heard[1] - begun


async def stream(member: Member, tokens: int, pace: float) -> int:
    found = 0

    async def hear(event: Event) -> None:
        nonlocal found
        found += isinstance(event, TextDelta)

    await member.generate(asked(tokens, pace), hear)
    return found


def asked(tokens: int, pace: float) -> ChatRequest:
    return replace(REQUEST, sampling=Sampling(max_tokens=tokens, seed=round(1e6 / pace) if pace else 0))


def cpu(pid: int | None) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


if __name__ == "__main__":
    main()
