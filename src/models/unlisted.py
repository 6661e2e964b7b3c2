"""A model that no catalogue knows, as a card: of what its own files tell. Pure."""

from collections.abc import Sequence

from .card import UNKNOWN_RANK, Format, ModelCard, ModelFile
from .catalogue.names import HubRepo
from .geometry import Geometry
from .layout import Weights


def unlisted(
    wanted: HubRepo,
    quant: str,
    format: Format,
    files: Sequence[ModelFile],
    geometry: Geometry,
    weights: Weights,
    parameters: int,
    size: int,
) -> ModelCard:
    """`size`: bytes of the weights as they are kept."""
    return ModelCard(
        family=wanted.repo,
        size="",
        quant=quant,
        format=format,
        title=wanted.repo,
        repo=wanted.repo,
        files=tuple(files),
        geometry=geometry,
        parameters=parameters,
        active=max(1, parameters * weights.active // max(1, weights.total)),
        bits=size * 8 / parameters,
        tools="fair",
        licence="",
        rank=UNKNOWN_RANK,
        verified=True,
        revision=wanted.revision or "main",
    )
