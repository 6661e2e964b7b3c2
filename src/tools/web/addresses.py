"""Which addresses are somebody's on the public internet, and not this machine's or its neighbours'. Pure."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

# IANA's registries of special addresses. `is_global` and `is_private` of Python have changed with its versions.
NOT_PUBLIC = tuple(
    ip_network(one)
    for one in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
    )
)  # fmt: skip
# All that is given out for single machines. What wraps an IPv4 address lies outside, or is named above.
UNICAST = IPv6Network("2000::/3")


def is_public(text: str, near: Iterable[tuple[str, str]] = ()) -> bool:
    """`near`: addresses of this machine with their masks. Whoever shares a network with it is a neighbour, also where
    the neighbours' addresses are public ones."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address not in UNICAST:
        return False
    return not any(address in one for one in NOT_PUBLIC) and not any(_shares(address, *one) for one in near)


def _shares(address: IPv4Address | IPv6Address, own: str, mask: str) -> bool:
    try:
        home = ip_address(own.partition("%")[0])
        bits = int(ip_address(mask)).bit_count()
        # A mask of nothing is that of a tunnel, which leads everywhere.
        return address == home or (bits > 0 and address in ip_network(f"{home}/{bits}", strict=False))
    except ValueError:
        return False
