"""Which node a command talks to, and with which key."""

import argparse
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from .. import settings as setting
from ..node.running import addresses
from ..settings import KEY_FILE, LOOPBACK, Place, Settings
from .client import ANSWER_SECONDS, Client, NodeFailed, base_of

EVERYWHERE = ("0.0.0.0", "::", "*")


@dataclass(frozen=True, slots=True)
class Address:
    url: str  # without a path
    key: str | None
    key_file: Path | None = None  # that the key was read from


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", metavar="URL", help="the node to talk to (default: the one of this machine)")
    parser.add_argument("--api-key-file", metavar="FILE", help="a file that holds its API key (default: the known key)")


def connect(settings: Settings, words: argparse.Namespace, patience: float = ANSWER_SECONDS) -> Client:
    address = find(settings, words)
    return Client(address.url, address.key, patience)


def find(settings: Settings, words: argparse.Namespace) -> Address:
    url = base_of(words.url) if words.url is not None else _of_this_machine(settings, words)
    if words.api_key_file is not None:
        file = Path(words.api_key_file).expanduser()
        return Address(url, _read_key(file), file)
    if settings.api_key:
        return Address(url, settings.api_key)
    # The key that this machine made for itself is never sent to another.
    kept = settings.state_dir / KEY_FILE
    if (words.url is None or urlsplit(url).hostname in LOOPBACK) and kept.is_file():
        return Address(url, _read_key(kept), kept)
    return Address(url, None)


def own_address(settings: Settings) -> str:
    if settings.port == 0:
        raise NodeFailed("Port 0 means any free one, and no node runs with this state folder. Give one with --url.")
    host = "localhost" if settings.host in EVERYWHERE else settings.host
    return f"http://{Place(host, settings.port)}"


def _of_this_machine(settings: Settings, words: argparse.Namespace) -> str:
    """Where the settings say, or, where they leave it open, where one runs."""
    origins = setting.read(vars(words)).origins
    given = settings.port and (origins["host"], origins["port"]) != ("default", "default")
    running = [] if given else addresses(settings.state_dir)
    if settings.port == 0 and running:
        return running[0]
    usual = own_address(settings)
    return usual if usual in running or not running else running[0]


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
