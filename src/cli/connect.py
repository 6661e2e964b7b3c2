"""Which node a command talks to, and with which key."""

import argparse
from pathlib import Path
from urllib.parse import urlsplit

from ..settings import Settings
from .client import ANSWER_SECONDS, Client, NodeFailed

# As node.py names it.
KEY_FILE = "api-key"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
EVERYWHERE = ("0.0.0.0", "::", "*")


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", metavar="URL", help="the node to talk to (default: the one of this machine)")
    parser.add_argument("--api-key-file", metavar="FILE", help="a file that holds its API key (default: the known key)")


def connect(settings: Settings, words: argparse.Namespace, patience: float = ANSWER_SECONDS) -> Client:
    url = own_address(settings) if words.url is None else words.url
    return Client(url, _key(settings, url, words.url is not None, words.api_key_file), patience)


def own_address(settings: Settings) -> str:
    if settings.port == 0:
        raise NodeFailed("Port 0 means any free one, so the node's address is not known. Give it with --url.")
    host = "localhost" if settings.host in EVERYWHERE else settings.host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def _key(settings: Settings, url: str, foreign: bool, file: str | None) -> str | None:
    if file is not None:
        return _read_key(Path(file).expanduser())
    if settings.api_key:
        return settings.api_key
    # The key that this machine made for itself is never sent to another.
    if foreign and urlsplit(Client(url).url).hostname not in LOOPBACK:
        return None
    kept = settings.state_dir / KEY_FILE
    return _read_key(kept) if kept.is_file() else None


def _read_key(file: Path) -> str:
    try:
        key = file.read_text(encoding="ascii").strip()
    except OSError as error:
        raise NodeFailed(f"The API key in {file} cannot be read ({error.strerror}). Check --api-key-file.") from None
    except UnicodeDecodeError:
        key = ""
    if not key or not all("!" <= mark <= "~" for mark in key):
        raise NodeFailed(f"{file} does not hold an API key: one word of ASCII is expected. Check --api-key-file.")
    return key
