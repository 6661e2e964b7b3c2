"""Is this machine one of its own, or does it lie within another one, behind that one's network?"""

import re
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path

# What Docker and Podman give to containers where nobody says otherwise.
INNER = tuple(map(ip_network, ("172.16.0.0/12", "10.88.0.0/16", "10.0.2.0/24")))
SIGNS = (".dockerenv", "run/.containerenv")


def in_container(root: Path = Path("/")) -> bool:
    return any((root / sign).exists() for sign in SIGNS)


def in_wsl2(root: Path = Path("/")) -> bool:
    try:
        return bool(re.search(r"microsoft.*wsl2", (root / "proc/version").read_text(), re.IGNORECASE | re.DOTALL))
    except OSError:
        return False


def behind(addresses: Sequence[str]) -> bool:
    """Only the host of these addresses reaches them."""
    parsed = [ip_address(one) for one in addresses]
    fourth = [one for one in parsed if one.version == 4]
    return bool(fourth) and all(any(one in net for net in INNER) for one in fourth)
