"""What a model thought, in the field that clients carry from turn to turn without looking into it. Pure.

OpenAI encrypts it. Here nothing has to be hidden from its owner: it is only packed.
"""

import base64
import binascii

MARK = "localswarm1."


def seal(thought: str) -> str:
    return MARK + base64.b64encode(thought.encode()).decode()


def unseal(sealed: str) -> str | None:
    """None for what another server sealed."""
    if not sealed.startswith(MARK):
        return None
    try:
        return base64.b64decode(sealed.removeprefix(MARK), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
