"""BFCL's questions, which the product reads for `bench quality`."""

from localswarm.cli.quality.bfcl import IRRELEVANT, KINDS, Item, items
from localswarm.cli.quality.question import Truth

__all__ = ["IRRELEVANT", "KINDS", "Item", "Truth", "items"]
