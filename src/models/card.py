"""A model that could be served: one family, one size, one quantisation, one format."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .geometry import Geometry

Format = Literal["gguf", "mlx"]
Use = Literal["coding", "chat"]
Grade = Literal["good", "fair", "weak", "none"]
# Of a model of which nothing is known.
UNKNOWN_RANK: Mapping[Use, int] = {"coding": 50, "chat": 50}


@dataclass(frozen=True, slots=True)
class ModelFile:
    name: str  # inside its repository
    bytes: int
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class ModelCard:
    family: str
    size: str
    quant: str
    format: Format
    title: str
    repo: str  # on the hub
    files: tuple[ModelFile, ...]
    geometry: Geometry
    parameters: int
    active: int  # parameters that work for one token; fewer than all with experts
    bits: float  # of one weight, on average
    tools: Grade  # how well it calls tools
    licence: str
    rank: Mapping[Use, int]  # higher is better; the same scale over all families
    verified: bool  # bytes and names were checked against the files themselves
    revision: str = "main"  # of its repository

    @property
    def id(self) -> str:
        return ":".join(part for part in (self.family, self.size, self.quant) if part)

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)
