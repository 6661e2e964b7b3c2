"""Web pages of other origins: which may use this API, and what their browsers have to be told (CORS). Pure.

An origin is what a browser says of the page that sends a request, and the page cannot change it. Those of programs that
are installed here (an editor's panels, a desktop program) and of pages that this machine serves are trusted as the
programs here are. Any other site is refused unless the user names it.
"""

import re
from collections.abc import Iterable, Mapping

LOCAL = ("localhost", "127.0.0.1", "[::1]", "*.localhost")
TRUSTED = (
    "vscode-webview://*",
    "vscode-file://*",
    "app://*",
    "tauri://*",
    *(f"{scheme}://{host}{port}" for scheme in ("http", "https") for host in LOCAL for port in ("", ":*")),
)
ANY = "*"
METHODS = "GET, HEAD, POST, DELETE"
# Seconds that a browser need not ask again.
REMEMBERED = 600


class Origins:
    """`named`: beside the trusted ones. A star stands for any part of a name, and for any port."""

    def __init__(self, named: Iterable[str] = ()) -> None:
        patterns = (*TRUSTED, *named)
        self._any = ANY in patterns
        self._allowed = re.compile("|".join(_expression(pattern) for pattern in patterns), re.IGNORECASE)

    def allow(self, origin: str) -> bool:
        return self._any or bool(self._allowed.fullmatch(origin))


def is_preflight(method: str, headers: Mapping[str, str]) -> bool:
    """A browser asks first whether a page may send what it wants to; this request never carries a key."""
    return method == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers


def preflight_headers(headers: Mapping[str, str]) -> dict[str, str]:
    allowed = {
        "access-control-allow-methods": METHODS,
        "access-control-allow-headers": headers.get("access-control-request-headers", ""),
        "access-control-max-age": str(REMEMBERED),
    }
    # Chromium asks for this as well where a page of the internet speaks to a machine near by.
    if headers.get("access-control-request-private-network") == "true":
        allowed["access-control-allow-private-network"] = "true"
    return allowed | reading_headers(headers["origin"])


def reading_headers(origin: str) -> dict[str, str]:
    """With these the page may read the answer. No cookies are in play, so credentials are not allowed."""
    return {"access-control-allow-origin": origin, "access-control-expose-headers": "*", "vary": "Origin"}


def _expression(pattern: str) -> str:
    """A star before the port never reaches past a name, so that no other host can be meant by it."""
    host, star, _ = pattern.partition(":*") if pattern.endswith(":*") else (pattern, "", "")
    return re.escape(host).replace(r"\*", "[^/:@]*") + (r":\d+" if star else "")
