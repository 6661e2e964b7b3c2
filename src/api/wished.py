"""How the next token is to be chosen, of what a client said and what it left open. Pure."""

from collections.abc import Mapping
from typing import Any

from ..chat import Sampling


def wished(given: Mapping[str, Any]) -> Sampling:
    """`given`: by the names of `Sampling`; what is None was left open."""
    said = {name: value for name, value in given.items() if value is not None}
    return Sampling(**said, temperature_set="temperature" in said)
