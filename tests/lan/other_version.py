"""A stub node of another version of Local Swarm: python -m tests.lan.other_version older|newer VERSIONS STATE ...

VERSIONS of the protocol, as `1-2`. An older one does not say some things yet, a newer one says more than is known here.
"""

import sys
from typing import Any

from localswarm.federation.wire import json_text, versions

# Fields that one may leave out: each has a value for when it does.
LATER = {"hosted", "session", "framed", "tool_grade", "strength", "chats", "away", "left", "notes", "tools"}


def older(value: Any) -> Any:
    match value:
        case dict():
            return {name: older(one) for name, one in value.items() if name not in LATER}
        case list():
            return [older(one) for one in value]
    return value


def newer(value: Any) -> Any:
    match value:
        case dict():
            return {**{name: newer(one) for name, one in value.items()}, "later": {"much": [1, None, "more"]}}
        case list():
            return [newer(one) for one in value]
    return value


def main() -> None:
    change, words = {"older": older, "newer": newer}[sys.argv.pop(1)], sys.argv.pop(1)
    # Before anything else takes them from there.
    oldest, _, newest = words.partition("-")
    versions.OLDEST, versions.PROTOCOL, versions.WORDS = int(oldest), int(newest), words
    dump = json_text.dump
    json_text.dump = lambda value: dump(change(value))
    from .slow_node import main as run

    run()


if __name__ == "__main__":
    main()
