"""The API key that clients must send when a node listens beyond loopback."""

import os
import secrets
from pathlib import Path

from ..settings import Settings

LOOPBACK = ("localhost", "127.0.0.1", "::1")
KEY_FILE = "api-key"


def file_of(settings: Settings) -> Path | None:
    """Where the key lies that is made when one is needed and none is configured."""
    needed = settings.host not in LOOPBACK and not settings.api_key
    return settings.state_dir / KEY_FILE if needed else None


def needed(settings: Settings) -> str | None:
    """The key that clients must send, if they must."""
    if settings.host in LOOPBACK and not settings.api_key:
        return None
    return _api_key(settings)


def _api_key(settings: Settings) -> str:
    """The configured key, or one made once and kept in the state folder."""
    if settings.api_key:
        return settings.api_key
    path = settings.state_dir / KEY_FILE
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(24))
    return path.read_text().strip()
