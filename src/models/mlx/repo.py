"""The model for MLX in a repository of a hub, as a card: for one that no catalogue knows."""

from collections.abc import Sequence

from ..card import ModelCard, ModelFile
from ..catalogue import quants
from ..catalogue.names import HubRepo, UnknownModel
from ..unlisted import unlisted
from . import folder
from .geometry import geometry
from .place import Place


def card(place: Place, wanted: HubRepo, files: Sequence[ModelFile]) -> ModelCard:
    config, entries = folder.configuration(place), folder.entries(place)
    quant = f"{config.quantisation.bits}bit" if config.quantisation else "bf16"
    if wanted.quant and quant not in quants.meant(wanted.quant, "mlx"):
        raise UnknownModel(f"{wanted.repo} has no quant {wanted.quant}; it has {quant}.")
    weights, parameters = folder.weights(entries, config), folder.parameters(entries, config) or 1
    return unlisted(wanted, quant, "mlx", files, geometry(config), weights, parameters, weights.total)
