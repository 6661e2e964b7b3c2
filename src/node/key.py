"""The API key that clients must send when a node listens beyond loopback."""

import os
import secrets
import tempfile
from pathlib import Path

from ..errors import SettingError
from ..settings import KEY_FILE, LOOPBACK, Settings


def file_of(settings: Settings) -> Path | None:
    """Where the key lies that is made when one is needed and none is configured."""
    made = settings.host not in LOOPBACK and not settings.api_key
    return settings.state_dir / KEY_FILE if made else None


def needed(settings: Settings) -> str | None:
    """The key that clients must send, if they must."""
    path = file_of(settings)
    return settings.api_key if path is None else kept(path)


def kept(path: Path) -> str:
    """The key in this file; one is made where there is none."""
    try:
        return _read(path) or _make(path)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"The API key in {path} cannot be read ({error}). Delete it: a new one is made.") from None


def _read(path: Path) -> str:
    """Empty where there is none: an empty key would let everybody in."""
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""


def _make(path: Path) -> str:
    """Written beside and put in place as a whole; of two nodes that make one at once, both take the same."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:  # only its owner can read it
        file.write(secrets.token_urlsafe(24))
    try:
        if path.exists() and not _read(path):
            path.unlink()
        os.link(file.name, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(file.name)
    return _read(path)
