"""How the swarm shall answer, from the wire: in a field of our own. Pure."""

from ...chat import Policy
from ..fields import Fields

FIELD = "swarm"


def read(fields: Fields, choices: int) -> Policy:
    return Policy(choices, local_only=local_only(fields))


def local_only(fields: Fields) -> bool:
    """Asked by another node, this one answers itself: else two nodes could send a request to and fro."""
    wish = fields.fields(FIELD)
    return bool(wish and wish.truth("local_only"))
