"""Which version of Local Swarm this is."""

from importlib.metadata import version

VERSION = version("localswarm")
