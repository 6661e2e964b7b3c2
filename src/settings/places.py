"""Where each system keeps what belongs to us. Pure."""

from collections.abc import Mapping
from pathlib import Path

KEY_FILE = "api-key"  # in the state folder: the key that a node makes when it needs one
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def default_state_dir(environ: Mapping[str, str], platform: str) -> Path:
    if platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or _home(environ) / "AppData" / "Local") / "localswarm"
    if platform == "darwin":
        return _home(environ) / "Library" / "Application Support" / "localswarm"
    return Path(environ.get("XDG_STATE_HOME") or _home(environ) / ".local" / "state") / "localswarm"


def default_file(environ: Mapping[str, str], platform: str) -> Path:
    if platform == "win32":
        return Path(environ.get("APPDATA") or _home(environ) / "AppData" / "Roaming") / "localswarm" / "config.toml"
    if platform == "darwin":
        return _home(environ) / "Library" / "Application Support" / "localswarm" / "config.toml"
    return Path(environ.get("XDG_CONFIG_HOME") or _home(environ) / ".config") / "localswarm" / "config.toml"


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOME") or environ.get("USERPROFILE") or ".")
