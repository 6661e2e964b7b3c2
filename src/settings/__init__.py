"""All settings: one frozen dataclass, and one table that makes flags, variables, the keys of a file, and their help.

Defaults are overridden by a TOML file, this by LOCALSWARM_* variables, and these by flags.
"""

from .file import nearest
from .load import Loaded, defaults, environment, foreign, load, read, variable
from .machines import SWARM_PORT, Pin, Place
from .places import KEY_FILE, LOOPBACK, default_file, default_state_dir
from .table import (
    CONFIG_FLAG,
    CONFIG_VARIABLE,
    LONGEST_PATIENCE,
    MOST_CANDIDATES,
    OPTIONS,
    PORT,
    Engine,
    Option,
    Settings,
    add_flags,
    same_again,
)
from .upstreams import Upstream

__all__ = [
    "CONFIG_FLAG",
    "CONFIG_VARIABLE",
    "KEY_FILE",
    "LONGEST_PATIENCE",
    "LOOPBACK",
    "MOST_CANDIDATES",
    "OPTIONS",
    "PORT",
    "SWARM_PORT",
    "Engine",
    "Loaded",
    "Option",
    "Pin",
    "Place",
    "Settings",
    "Upstream",
    "add_flags",
    "default_file",
    "default_state_dir",
    "defaults",
    "environment",
    "foreign",
    "load",
    "nearest",
    "read",
    "same_again",
    "variable",
]
