"""Everything that a machine said about itself, as data: recorded once, kept in a file, understood anywhere.

Someone whose hardware is misread can send this file. Recorded, it names no user, no host and no serial number;
`shareable` also replaces the identifiers of the GPUs.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

UUID = re.compile(r"(?<=GPU-|MIG-)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# What the amdgpu driver calls a card's unique id; ROCR_VISIBLE_DEVICES has it in hexadecimal.
UNIQUE_ID = re.compile(r"(?<=unique_id )[1-9][0-9]*")

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Readings:
    system: str  # "linux", "darwin" or "windows"
    processor: str = ""  # what Python calls it: "x86_64", "arm64", on Windows a longer name
    files: Mapping[str, str] = field(default_factory=dict)  # path: text
    commands: Mapping[str, str] = field(default_factory=dict)  # name: what it printed
    nvml: tuple[Answer, ...] | None = None  # one for each GPU; None where NVML could not be asked
    variables: Mapping[str, str] = field(default_factory=dict)  # those that hide GPUs
    counts: Mapping[str, int] = field(default_factory=dict)  # cores and memory as psutil counts them
    failures: Mapping[str, str] = field(default_factory=dict)  # who gave no answer, and why

    def dump(self) -> str:
        return json.dumps(asdict(self), indent=1)

    def shareable(self) -> str:
        """The same as text in which every GPU has a made-up identifier, the same one wherever it is named."""
        ids = list(dict.fromkeys(UUID.findall(self.dump())))
        text = _spell_out(self, ids).dump()
        for number, real in enumerate(ids, 1):
            text = text.replace(real, f"{number:02x}000000-0000-0000-0000-000000000000")
        for number, real in enumerate(dict.fromkeys(UNIQUE_ID.findall(text)), 1):
            text = text.replace(f"unique_id {real}", f"unique_id {number}")
            text = re.sub(f"GPU-{int(real):016x}", f"GPU-{number:016x}", text, flags=re.IGNORECASE)
        return text


def load(text: str) -> Readings:
    said = json.loads(text)
    if said.get("nvml") is not None:
        said["nvml"] = tuple(said["nvml"])
    return Readings(**said)


def _spell_out(readings: Readings, ids: list[str]) -> Readings:
    """With identifiers that are abbreviated in variables written in full, so that they can be replaced."""
    said = asdict(readings)
    for name, text in readings.variables.items():
        said["variables"][name] = ",".join(_whole(entry.strip(), ids) for entry in text.split(","))
    return Readings(**said)


def _whole(entry: str, ids: Iterable[str]) -> str:
    kind, _, start = entry.partition("-")
    fitting = [each for each in ids if kind.upper() in ("GPU", "MIG") and start and each.startswith(start.lower())]
    return f"{kind.upper()}-{fitting[0]}" if len(fitting) == 1 else entry
