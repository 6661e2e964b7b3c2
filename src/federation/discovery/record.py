"""What a node announces of itself, and what is understood of the announcements of others (pure)."""

import re
from dataclasses import dataclass

from ..nodes import Endpoint

SERVICE = "_localswarm._tcp.local."
# More is no record of ours: ours has under 250 bytes.
LONGEST_TEXT = 1000
LONGEST_NAME = 40

_ID = re.compile(r"[0-9a-f]{16}")
_TAG = re.compile(r"[0-9a-f]{0,32}")
_NUMBER = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Record:
    """`tag` tells members from strangers. `pairing`: the port on which a code can be fetched with a PIN."""

    id: str
    tag: str
    protocol: int
    name: str
    port: int
    pairing: int | None = None

    @property
    def instance(self) -> str:
        return f"{self.id}.{SERVICE}"

    @property
    def server(self) -> str:
        """Not the name of the machine, which two may share."""
        return f"{self.id}.local."


@dataclass(frozen=True, slots=True)
class Sighting:
    """Somebody says that this node may be reached there. The endpoints that are nearest come first."""

    id: str
    tag: str
    protocol: int
    name: str
    endpoints: tuple[Endpoint, ...]
    pairing: int | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """What is told beside the addresses."""

    tag: str
    protocol: int
    name: str
    pairing: int | None


def id_in(instance: str) -> str | None:
    """The node that an instance name is of."""
    id, dot, service = instance.partition(".")
    return id if dot and service == SERVICE and _ID.fullmatch(id) else None


def encode(record: Record) -> bytes:
    """As the strings of a TXT record, each after its length."""
    pairs = {"p": str(record.protocol), "t": record.tag, "n": cleaned(record.name)}
    if record.pairing is not None:
        pairs["q"] = str(record.pairing)
    strings = [f"{key}={value}".encode() for key, value in pairs.items()]
    return b"".join(bytes([len(string)]) + string for string in strings)


def decode(data: bytes) -> Text | None:
    """None where this is no record of a node."""
    if len(data) > LONGEST_TEXT:
        return None
    pairs = dict(string.partition(b"=")[::2] for string in reversed(_strings(data)))
    tag = _word(pairs.get(b"t"))
    protocol = _number(pairs.get(b"p"))
    if protocol is None or not _TAG.fullmatch(tag):
        return None
    pairing = _number(pairs.get(b"q"))
    name = cleaned(pairs.get(b"n", b"").decode(errors="ignore"))
    return Text(tag, protocol, name, pairing if pairing and is_port(pairing) else None)


def cleaned(name: str) -> str:
    """Nothing that moves a terminal's cursor, turns the direction of the text, or cannot be seen."""
    visible = "".join(letter if letter.isprintable() else " " for letter in name)
    return " ".join(visible.split())[:LONGEST_NAME].rstrip()


def is_port(number: int) -> bool:
    return 0 < number < 65536


def _strings(data: bytes) -> list[bytes]:
    strings = []
    while data:
        end = 1 + data[0]
        strings.append(data[1:end])
        data = data[end:]
    return strings


def _word(value: bytes | None) -> str:
    return (value or b"").decode("ascii", errors="replace")


def _number(value: bytes | None) -> int | None:
    word = _word(value)
    return int(word) if _NUMBER.fullmatch(word) else None
