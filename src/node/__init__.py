"""A node: the only part that knows every other one. `build` puts them together, `Node.run` is one task group."""

from ..hardware.machine import detect
from .build import Ground, Tell, build, survey
from .node import Node, Started

__all__ = ["Ground", "Node", "Started", "Tell", "build", "detect", "survey"]
