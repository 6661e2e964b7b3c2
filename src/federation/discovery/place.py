"""Where this machine is in the network now."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address

from .addresses import LOOPBACK, Local, Network, chosen, of_this_machine, rank, single, unscoped


@dataclass(frozen=True, slots=True)
class Place:
    """`host`: the one address that is to be used; None for all. `addresses`: what others are told."""

    host: str | None = None
    addresses: tuple[str, ...] = ()
    own: frozenset[str] = frozenset()
    links: frozenset[Network] = frozenset()

    def has(self, host: str) -> bool:
        return unscoped(ip_address(host)) in self.own

    @property
    def alone(self) -> bool:
        """No other machine can be reached."""
        return _loopback(self.addresses)


async def look(host: str | None) -> Place:
    """In a thread: some systems take their time to tell."""
    return place(host, await asyncio.to_thread(of_this_machine))


def place(host: str | None, locals: tuple[Local, ...]) -> Place:
    addresses = chosen(host, locals)
    own = frozenset(unscoped(local.address) for local in locals)
    links = frozenset(local.network for local in locals if (rank(local) == LOOPBACK) == _loopback(addresses))
    return Place(single(host), addresses, own, links)


def _loopback(addresses: Iterable[str]) -> bool:
    return all(ip_address(address).is_loopback for address in addresses)
