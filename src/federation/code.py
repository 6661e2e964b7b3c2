"""The swarm code: whoever knows it belongs to the swarm. Pure, but for the drawing of a new one."""

import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..errors import SettingError

# Crockford's base32: no I, L, O that look like digits, and no U.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MEANT = str.maketrans("OIL", "011")
RANDOM = 20  # characters of 5 bits; one more checks them
LENGTH = RANDOM + 1
GROUPS = (4, 8, 12, 16)  # where the dashes go
ASK = "See `python main.py swarm code` on a machine of the swarm."


@dataclass(frozen=True, slots=True)
class Code:
    """100 random bits."""

    bits: int = field(repr=False)  # no secret gets into a log by chance

    @classmethod
    def new(cls) -> "Code":
        return cls(secrets.randbits(5 * RANDOM))

    @classmethod
    def parse(cls, text: str) -> "Code":
        """As people write it down and read it out."""
        values = [_value(character) for character in _bare(text)]
        if len(values) != LENGTH:
            raise SettingError(f"A swarm code has {LENGTH} letters and digits, and this one has {len(values)}. {ASK}")
        if _remainder(values):
            raise SettingError(f"There is a typing error in this swarm code. {ASK}")
        code = cls(sum(value << 5 * place for place, value in enumerate(reversed(values[:RANDOM]))))
        if code == OPEN:
            raise SettingError(
                "This is the code of every open swarm, which anybody may join. Use --open instead of it."
            )
        return code

    def __str__(self) -> str:
        values = [self.bits >> 5 * place & 31 for place in reversed(range(RANDOM))]
        text = "".join(ALPHABET[value] for value in [*values, _remainder([*values, 0])])
        return "-".join(text[start:end] for start, end in zip((0, *GROUPS), (*GROUPS, None), strict=True))


OPEN = Code(0)


def _bare(text: str) -> str:
    """Without what the eye does not read: spaces and dashes of every kind, and what chats put between characters."""
    return "".join(one for one in text.upper() if unicodedata.category(one) not in ("Pd", "Zs", "Cc", "Cf"))


def _value(character: str) -> int:
    found = ALPHABET.find(character.translate(MEANT))
    if found < 0:
        raise SettingError(f"A swarm code has letters (but no U) and digits alone, and no {character!r}. {ASK}")
    return found


def _remainder(values: Iterable[int]) -> int:
    """Each place weighs differently in the field of 32 elements, so that one wrong character and two that changed
    places are always seen."""
    total = 0
    for value in values:
        total = _doubled(total) ^ value
    return total


def _doubled(element: int) -> int:
    return element << 1 ^ (0b100101 if element & 16 else 0)
