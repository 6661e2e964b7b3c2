"""Which of the endpoints that somebody told may be tried at all (pure).

Whoever can send a packet in the LAN can name any address. Without a limit he would have every node knock at addresses
somewhere else on the internet, or at ports of its own machine.
"""

from collections.abc import Collection, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from ..nodes import Endpoint
from .addresses import Address, Network, unscoped

# A node tells fewer (addresses.py); more is somebody's attempt to fill memory.
MOST_ENDPOINTS = 8

# Routers carry announcements from one network of a house to another, so these are believed wherever we are.
_PRIVATE = tuple(
    map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "fc00::/7"))
)


def endpoints(addresses: Iterable[str], port: int, links: Collection[Network]) -> tuple[Endpoint, ...]:
    """Those that are believed, the nearest first. `links`: the networks that this machine is in."""
    believed = {address for text in addresses if (address := _address(text)) and believable(address, links)}
    nearest = sorted(believed, key=lambda address: (not _on(address, links), address.version, str(address)))
    return tuple(Endpoint(str(address), port) for address in nearest[:MOST_ENDPOINTS])


def believable(address: Address, links: Collection[Network]) -> bool:
    """Loopback is a link only where there is no network at all, and two nodes of one machine find each other."""
    if isinstance(address, IPv6Address) and address.is_link_local:
        return address.scope_id is not None
    if address.is_multicast or address.is_unspecified or _broadcast(address, links):
        return False
    return _on(address, links) or _on(address, _PRIVATE)


def _on(address: Address, links: Collection[Network]) -> bool:
    if isinstance(address, IPv6Address):
        address = IPv6Address(unscoped(address))
    return any(address in link for link in links if link.version == address.version)


def _broadcast(address: Address, links: Collection[Network]) -> bool:
    """To connect there is an error without a time-out on some systems, and reaches everybody on others."""
    return isinstance(address, IPv4Address) and any(
        address == link.broadcast_address for link in links if link.version == 4 and link.prefixlen < 31
    )


def _address(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
