"""The sockets of a node, opened before anything runs: what is wrong with an address is said at once."""

import contextlib
import errno
import os
import socket

from ..errors import PortTaken, SettingError, StartError

BACKLOG = 2048


def listen(host: str, port: int) -> list[socket.socket]:
    """One socket, or for `localhost` one in each family that the machine has."""
    first = _bind("127.0.0.1" if host == "localhost" else host, port)
    sockets = [first]
    if host == "localhost":
        with contextlib.suppress(PortTaken, SettingError):
            sockets.append(_bind("::1", first.getsockname()[1]))
    return sockets


def _bind(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise SettingError(f"--host {host}: this machine has no such address ({error.strerror}).") from None
    bound = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(address)
        bound.listen(BACKLOG)
    except OSError as error:
        bound.close()
        raise _bind_failure(host, port, error) from None
    return bound


def _bind_failure(host: str, port: int, error: OSError) -> StartError:
    if error.errno == errno.EADDRINUSE:
        return PortTaken(
            f"Port {port} on {host} is taken by another program, perhaps a node that already runs. "
            f"Stop that one, or take another port: python main.py --auto --port {port + 1}"
        )
    if error.errno == errno.EACCES:
        return SettingError(f"--port {port}: this user may not listen there. Take a port above 1023.")
    return SettingError(f"--host {host}: cannot listen there ({error.strerror}).")
