"""Which of a node's addresses answers, and whether it is really that node."""

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import anyio

from ..errors import SwarmError, Unavailable
from .channel import why
from .nodes import Endpoint

# The next address is tried when one has not answered for so long, as RFC 8305 has it; a LAN is quicker.
STAGGER_SECONDS = 0.15
REACH_SECONDS = 2.0
# Whoever tells of more has mistaken something.
MOST_ENDPOINTS = 8


class Lost(Unavailable):
    """Another node does not answer. `hard`: it was refused at once, so that nothing is there; else it is silent."""

    code = "node_lost"

    def __init__(self, message: str, hard: bool = False, model: str = "") -> None:
        super().__init__(message, model=model)
        self.hard = hard


class Unreached(Lost):
    """No connection came about, so that nothing was asked."""


@dataclass(frozen=True, slots=True)
class Trust:
    """What a connection to another node is opened with, and what tells who is at the other end of it."""

    context: ssl.SSLContext
    peer_id: Callable[[ssl.SSLObject], str]


@dataclass(frozen=True, slots=True)
class Reached:
    endpoint: Endpoint
    id: str


async def reach(endpoint: Endpoint, trust: Trust, seconds: float = REACH_SECONDS) -> Reached:
    """Who is there, by its certificate. Raises Lost, or Forbidden where it is nobody of this swarm."""
    try:
        with anyio.fail_after(seconds):
            return await _greet(endpoint, trust)
    except TimeoutError:
        raise Lost(f"{endpoint} did not answer within {seconds:g} s.") from None
    except ssl.SSLError as error:
        raise Lost(f"{endpoint} cannot be talked to: {why(error)}.", hard=True) from None
    except socket.gaierror:
        raise Lost(f"{endpoint} is no address that is known here.", hard=True) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Lost(f"{endpoint} cannot be reached: {reason}.", hard=isinstance(error, ConnectionError)) from None


async def race(endpoints: Sequence[Endpoint], trust: Trust, wanted: str) -> Reached:
    """The first that answers as `wanted`; the others are let go. The best is tried first."""
    found: list[Reached] = []
    failed: list[Lost] = []

    async def run(endpoint: Endpoint, over: anyio.Event) -> None:
        try:
            reached = await reach(endpoint, trust)
            if reached.id == wanted:
                found.append(reached)
                group.cancel_scope.cancel()
            else:
                failed.append(Lost(f"At {endpoint} is another node, {reached.id}.", hard=True))
        except SwarmError as error:
            failed.append(error if isinstance(error, Lost) else Lost(error.message, hard=True))
        over.set()

    async with anyio.create_task_group() as group:
        for endpoint in endpoints[:MOST_ENDPOINTS]:
            over = anyio.Event()
            group.start_soon(run, endpoint, over)
            with anyio.move_on_after(STAGGER_SECONDS):
                await over.wait()
    if found:
        return found[0]
    raise _nowhere(wanted, failed)


async def _greet(endpoint: Endpoint, trust: Trust) -> Reached:
    # An empty name: addresses are no names, and who it is says the certificate.
    _, writer = await asyncio.open_connection(endpoint.host, endpoint.port, ssl=trust.context, server_hostname="")
    try:
        return Reached(endpoint, trust.peer_id(writer.get_extra_info("ssl_object")))
    finally:
        writer.transport.abort()


def _nowhere(wanted: str, failed: Sequence[Lost]) -> Unreached:
    reasons = " ".join(error.message for error in failed) or "No address of it is known."
    return Unreached(f"The node {wanted} cannot be reached. {reasons}", hard=all(error.hard for error in failed))
