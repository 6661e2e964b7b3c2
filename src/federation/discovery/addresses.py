"""The addresses of this machine, and which of them others should try."""

import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import psutil

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# What is told to others. A machine in ten networks is reached through the first ones.
MOST = 8
# Of IPv6 an interface has one address after the other, as old ones stay for days.
MOST_IPV6_OF_ONE_INTERFACE = 2

REAL, TUNNEL, LINK_LOCAL, VIRTUAL, LOOPBACK = range(5)

_TUNNELS = ("tun", "wg", "utun", "tailscale", "ppp", "zt", "ipsec")
# Behind these there are containers or virtual machines of this machine alone.
_VIRTUAL = ("docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "cni", "flannel", "cali", "podman", "lxc", "lxd")
_VIRTUAL_ELSEWHERE = ("awdl", "llw", "bridge1", "vEthernet")


@dataclass(frozen=True, slots=True)
class Local:
    """An address that this machine has. One of IPv6 that is valid on its link alone has its scope."""

    interface: str
    address: Address
    prefix: int

    @property
    def network(self) -> Network:
        return ip_network(f"{unscoped(self.address)}/{self.prefix}", strict=False)


def usable(host: str | None) -> tuple[str, ...]:
    """The addresses of this machine, in the order in which others should try them. `host`: the one that was chosen."""
    return chosen(host, of_this_machine())


def of_this_machine() -> tuple[Local, ...]:
    """Those of interfaces that are up."""
    states = psutil.net_if_stats()
    return tuple(
        _local(interface, one.address, one.netmask)
        for interface, addresses in psutil.net_if_addrs().items()
        if interface in states and states[interface].isup
        for one in addresses
        if one.family in (socket.AF_INET, socket.AF_INET6)
    )


def chosen(host: str | None, locals: Sequence[Local]) -> tuple[str, ...]:
    if one := single(host):
        return (one,)
    ranks = {rank(local) for local in locals}
    # A tunnel may lead to where nothing else does. Of the rest, what is worse is told where there is nothing better.
    wanted = {REAL, TUNNEL} if ranks & {REAL, TUNNEL} else {min(ranks, default=REAL)}
    taken = sorted(_few(local for local in locals if rank(local) in wanted), key=_order)
    return tuple(dict.fromkeys(str(local.address) for local in taken))[:MOST]


def single(host: str | None) -> str | None:
    """The address that was chosen; None for all."""
    try:
        address = ip_address(host or "::")
    except ValueError:
        return None
    return None if address.is_unspecified else str(address)


def rank(local: Local) -> int:
    if local.address.is_loopback:
        return LOOPBACK
    if local.interface.startswith((*_VIRTUAL, *_VIRTUAL_ELSEWHERE)):
        return VIRTUAL
    if local.address.is_link_local:
        return LINK_LOCAL
    return TUNNEL if local.interface.startswith(_TUNNELS) else REAL


def unscoped(address: Address) -> str:
    return str(address).partition("%")[0]


def _order(local: Local) -> tuple[int, int]:
    return rank(local), local.address.version


def _few(locals: Iterable[Local]) -> Iterable[Local]:
    seen: dict[str, int] = {}
    for local in locals:
        if local.address.version == 6:
            seen[local.interface] = seen.get(local.interface, 0) + 1
        if seen.get(local.interface, 0) <= MOST_IPV6_OF_ONE_INTERFACE or local.address.version == 4:
            yield local


def _local(interface: str, text: str, netmask: str | None) -> Local:
    address = ip_address(text)
    # Windows tells no netmask for IPv6; 64 bits is what networks at home and in offices have.
    prefix = int(ip_address(netmask)).bit_count() if netmask else (32 if address.version == 4 else 64)
    return Local(interface, address, prefix)
