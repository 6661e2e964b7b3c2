"""Why other machines may not be found, and what mends it (pure)."""

import errno

from .place import Place

# What is announced comes back to the machine itself at once.
ECHO_SECONDS = 5.0

INSTEAD = "Name one of them with --peer HOST."
UNHEARD = (
    "Announcements of this machine do not come back to itself, so other machines may not be found: a firewall seems to "
    "block UDP port 5353. Let it through, or name one of them: --peer HOST."
)
_REASONS = {
    errno.EACCES: "this program may not use multicast here",
    errno.EPERM: "this program may not use multicast here",
    errno.EADDRINUSE: "another program holds UDP port 5353 for itself alone",
    errno.ENETDOWN: "no interface of this machine is up",
    errno.ENETUNREACH: "no interface of this machine is up",
}


def of_sockets(error: OSError) -> str:
    reason = _REASONS.get(error.errno or 0, error.strerror or str(error))
    return f"Other machines cannot be found by themselves: {reason}. {INSTEAD}"


def of_place(place: Place) -> str | None:
    if place.host is not None:
        missing = f"This machine has no address {place.host} (--host) now, so others cannot reach it there."
        return None if place.has(place.host) else missing
    if place.alone:
        return "This machine is in no network now, so other machines cannot be found."
    return None
