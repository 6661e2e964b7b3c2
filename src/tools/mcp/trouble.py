"""Why a server that is mounted is away: one sentence that goes on from its name. Pure."""

from collections.abc import Iterator

import httpx
from mcp.shared.exceptions import McpError

from ...settings.keys import KEY_FILE, KEY_VARIABLE
from . import foreign

LONGEST = 300
KEYLESS = (401, 403)


class MountFailed(Exception):
    """The message goes on from the name of the server: `does not answer`."""


def told(errors: BaseExceptionGroup[Exception], keyed: bool = False) -> str:
    """The first of ours says best what happened; otherwise whatever was heard. `keyed`: it was sent a key."""
    found = list(_flat(errors))
    ranked = sorted(found, key=lambda one: (not isinstance(one, MountFailed), not isinstance(one, httpx.HTTPError)))
    return line(_in_words(ranked[0], keyed))


def line(said: str) -> str:
    """Others had a part in it, and it is shown in a terminal."""
    words = " ".join(foreign.plain(said).split())
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 3]}..."


def _in_words(error: BaseException, keyed: bool) -> str:
    if isinstance(error, MountFailed):
        return str(error)
    if isinstance(error, httpx.HTTPStatusError):
        return _refusal(error, keyed)
    if isinstance(error, httpx.TransportError):
        return f"cannot be reached: {str(error) or type(error).__name__}"
    if isinstance(error, McpError):
        return f"refuses us: {error.error.message}"
    return f"cannot be used: {type(error).__name__}: {error}"


def _refusal(error: httpx.HTTPStatusError, keyed: bool) -> str:
    status = error.response.status_code
    if status in KEYLESS and keyed:
        return f"answers with {status}: the key that --mcp names for it is not the one that it wants"
    if status in KEYLESS:
        return (
            f"answers with {status}. Name the place of the key that it wants: --mcp NAME=URL,{KEY_FILE}=FILE or "
            f"--mcp NAME=URL,{KEY_VARIABLE}=NAME"
        )
    return str(error) if error.response.is_redirect else f"answers with {status}: it is no MCP server, or a broken one"


def _flat(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _flat(inner)
    else:
        yield error
