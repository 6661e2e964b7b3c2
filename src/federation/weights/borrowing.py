"""Files that other nodes have, from the side of the one that needs them."""

import http.client
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from ..nodes import Endpoint
from .caller import FAILURES, Caller
from .lending import BLOCK, MOST_ASKED, PATH

LONGEST_ANSWER = 2**16  # bytes, about what is held: MOST_ASKED digests are 5,000
LONGEST_NAME = 40
RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


@dataclass(frozen=True, slots=True)
class Holder:
    """A node that was reached. `id` is proven, the name only said."""

    id: str
    name: str
    endpoint: Endpoint
    held: dict[str, int]  # bytes by digest, of what it was asked for
    free: bool  # to lend something now

    def __str__(self) -> str:
        return f"{self.name or self.id} ({self.endpoint.host})"


def ask(caller: Caller, endpoint: Endpoint, digests: Sequence[str]) -> Holder | None:
    """What the node there has of these; None where no node of ours answers."""
    query = urlencode([("digest", digest) for digest in digests[:MOST_ASKED]])
    try:
        who, status, body = caller.ask(endpoint, f"{PATH}?{query}", LONGEST_ANSWER)
        said = json.loads(body) if status == 200 else None
    except (*FAILURES, RecursionError):
        return None
    return _holder(who, endpoint, said) if isinstance(said, dict) else None


def _holder(who: str, endpoint: Endpoint, said: dict[object, object]) -> Holder:
    held, name, free = said.get("held"), said.get("name"), said.get("free")
    sizes = held.items() if isinstance(held, dict) else ()
    return Holder(
        who,
        _clean(name) if isinstance(name, str) else "",
        endpoint,
        {digest: size for digest, size in sizes if isinstance(digest, str) and isinstance(size, int)},
        isinstance(free, int) and free > 0,
    )


def _clean(name: str) -> str:
    """It is shown on a terminal."""
    return "".join(mark for mark in name if mark.isprintable())[:LONGEST_NAME]


@dataclass(frozen=True, slots=True)
class Borrowed:
    """One file of a holder. `distrust` is told of a holder that sent other bytes."""

    caller: Caller
    node: Holder
    digest: str
    size: int
    distrust: Callable[[str], None]

    @property
    def holder(self) -> str:
        return str(self.node)

    def reject(self) -> None:
        self.distrust(self.node.id)

    def read(self, begin: int, end: int) -> Iterator[bytes]:
        if begin >= end:
            return
        headers = {"Range": f"bytes={begin}-{end - 1}"}
        try:
            with self.caller.stream(self.node.endpoint, f"{PATH}/{self.digest}", headers) as (who, answer):
                if who == self.node.id and _is_span(answer, begin, end, self.size):
                    yield from _chunks(answer, end - begin)
        except FAILURES:
            return


def _is_span(answer: http.client.HTTPResponse, begin: int, end: int, size: int) -> bool:
    said = RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    return answer.status == 206 and said is not None and tuple(map(int, said.groups())) == (begin, end - 1, size)


def _chunks(answer: http.client.HTTPResponse, left: int) -> Iterator[bytes]:
    while left > 0 and (chunk := answer.read1(min(left, BLOCK))):
        left -= len(chunk)
        yield chunk
