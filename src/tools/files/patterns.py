"""Patterns of paths: `*` within a name, `**` over folders, `?`, `[abc]`, `{one,two}`. Pure."""

import re
from functools import lru_cache

TOKEN = re.compile(r"(?:\*\*/)+|\*\*+|\*|\?|\[!?[^\]/]+\]|\{[^{}/]*\}|.", re.DOTALL)


@lru_cache(maxsize=512)
def compiled(pattern: str, loose: bool = False) -> re.Pattern[str]:
    """`loose`: large and small letters are the same, as on the disks of Macs."""
    return re.compile(_translated(pattern), (re.IGNORECASE if loose else 0) | re.DOTALL)


def matches(pattern: str, path: str, loose: bool = False) -> bool:
    """A pattern without a slash is one of a name, wherever it lies."""
    if "/" not in pattern and pattern != "**":
        path = path.rpartition("/")[2]
    return compiled(pattern, loose).fullmatch(path) is not None


def _translated(pattern: str) -> str:
    return "".join(_part(token) for token in TOKEN.findall(pattern))


def _part(token: str) -> str:
    if token.startswith("**"):
        return "(?:.*/)?" if token.endswith("/") else ".*"
    if token == "*":
        return "[^/]*"
    if token == "?":
        return "[^/]"
    if token[0] == "[" and len(token) > 1:
        inner = token[1:-1].replace("\\", r"\\").replace("[", r"\[")
        return f"[^{inner[1:]}/]" if inner[0] == "!" else f"[{inner}]"
    if token[0] == "{" and len(token) > 1:
        return "(?:" + "|".join(_translated(each) for each in token[1:-1].split(",")) + ")"
    return re.escape(token)
