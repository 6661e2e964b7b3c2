"""Which forms of the protocol between nodes are spoken here. Both sides tell theirs in every message."""

import re

from ...errors import BadRequest, Unavailable

# The newest and the oldest that are spoken; raised where an older node would misunderstand.
PROTOCOL = 1
OLDEST = 1
HEADER = "V"
WORDS = f"{OLDEST}-{PROTOCOL}"
FORM = re.compile(r"([0-9]{1,6})-([0-9]{1,6})")


class OtherVersion(Unavailable):
    """Two nodes have no version of the protocol in common."""

    code = "other_version"


def check(words: str | None, who: str, here: str = "this machine") -> None:
    """`who`: the other node, and `here` this one, as they are called in the sentence."""
    name = who[:1].upper() + who[1:]
    match = FORM.fullmatch(words or "")
    if match is None:
        raise BadRequest(f"{name} does not say which version of the protocol between nodes it speaks.")
    oldest, newest = int(match[1]), int(match[2])
    if newest < OLDEST:
        late = who
    elif oldest > PROTOCOL:
        late = here
    else:
        return
    raise OtherVersion(
        f"{name} speaks {_told(oldest, newest)} of the protocol between nodes, and {here} {_told(OLDEST, PROTOCOL)}: "
        f"update Local Swarm on {late}.",
        retry_after=60,
    )


def _told(oldest: int, newest: int) -> str:
    return f"version {newest}" if oldest >= newest else f"versions {oldest} to {newest}"
