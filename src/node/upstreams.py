"""The servers of `--upstream`, with their keys."""

from ..settings import Settings
from ..swarm.upstream.http import Address
from ..swarm.upstream.server import UpstreamServer
from . import server_keys


def servers(settings: Settings, node: str) -> list[UpstreamServer]:
    """`node`: the name that we go by, so that an address that leads back to us is known."""
    return [
        UpstreamServer(Address(one.url, server_keys.read(one.key, f"--upstream {one.url}")), node)
        for one in settings.upstream
    ]
