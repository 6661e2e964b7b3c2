"""Asks, before this node runs, who lends it memory: what is lent decides which model can be served."""

import http.client
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from ...errors import BadRequest, StartError, SwarmError
from ...state.peers import KnownPeer
from ..discovery.record import Sighting
from ..nodes import Endpoint
from ..weights.caller import FAILURES, Caller
from ..wire.cleaning import plain
from .terms import MOST_TERMS_BYTES, NOT_LENT, PATH, TERMS, Terms
from .tunnel import Creditor

LONGEST_NAME = 40
Rung = Literal["reached", "lends", "memory", "version"]
REACHED: Rung = "reached"
LENDS: Rung = "lends"


class NothingLent(StartError):
    """A machine that was named cannot lend what a model needs. `rung`: the first that does not hold."""

    code = "nothing_lent"

    def __init__(self, message: str, rung: Rung) -> None:
        super().__init__(message)
        self.rung = rung


@dataclass(frozen=True, slots=True)
class Offer:
    """What one node lends. `said`: how the user named it."""

    said: str
    creditor: Creditor
    terms: Terms


@dataclass(frozen=True, slots=True)
class Places:
    """Where somebody may be who was named: by id or name where he was seen, else by an address. `nearby` looks for
    those that announce themselves, which takes a while."""

    known: Sequence[KnownPeer]
    nearby: Callable[[], Sequence[Sighting]]
    address: Callable[[str], Endpoint]

    def of(self, said: str) -> Iterator[Endpoint]:
        """One after the other, as they are wanted."""
        for one in self.known:
            if said.lower() in (one.id, one.name.lower()):
                yield from (Endpoint(*place) for place in one.endpoints)
        with suppress(ValueError):
            yield self.address(said)
        for seen in self.nearby():
            if said.lower() in (seen.id, seen.name.lower()):
                yield from seen.endpoints


def ask(caller: Caller, said: str, places: Places, engine: str) -> Offer:
    """What the node of this name lends; NothingLent says why it is nothing."""
    trouble, rung = "no machine of the swarm that answers has this name or address", REACHED
    for endpoint in places.of(said):
        try:
            return _checked(_asked(caller, said, endpoint), engine)
        except NothingLent as error:
            trouble, rung = error.message.rstrip("."), error.rung
        except SwarmError as error:
            trouble, rung = error.message.rstrip("."), LENDS
        except FAILURES as error:
            trouble, rung = f"{endpoint} cannot be reached ({_why(error)})", REACHED
    raise NothingLent(f"--shard {said}: {trouble}.", rung)


def _asked(caller: Caller, said: str, endpoint: Endpoint) -> Offer:
    who, status, body = caller.ask(endpoint, PATH, MOST_TERMS_BYTES)
    if status == 404:
        raise NothingLent(NOT_LENT, LENDS)
    try:
        terms = TERMS.load(body)
    except BadRequest:
        raise NothingLent(f"It answered with status {status}.", LENDS) from None
    return Offer(said, Creditor(who, plain(terms.name, LONGEST_NAME), (endpoint,)), terms)


def _checked(offer: Offer, engine: str) -> Offer:
    terms = offer.terms
    if not terms.parts:
        raise NothingLent(plain(terms.why, 400) or NOT_LENT, "memory" if terms.why else LENDS)
    if terms.engine != engine:
        there = plain(terms.engine, LONGEST_NAME)
        said = f"It has {there}, and this machine {engine}: update the older one, for they must be the same"
        raise NothingLent(said, "version")
    return offer


def _why(error: Exception) -> str:
    if isinstance(error, socket.gaierror):
        return "no such name"
    if isinstance(error, http.client.HTTPException):
        return "no Local Swarm answers there"
    return getattr(error, "strerror", None) or type(error).__name__
