"""All settings: one frozen dataclass, and one table that makes the flags, the variables and their help.

Defaults are overridden by LOCALSWARM_* variables, and these by flags. The environment is read here and nowhere else.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from .errors import SettingError

PORT = 17615
PREFIX = "LOCALSWARM_"


@dataclass(frozen=True, slots=True)
class Settings:
    auto: bool = False
    model: str | None = None
    host: str = "localhost"
    port: int = PORT
    state_dir: Path = Path()
    context: int = 0
    instances: int = 8
    threads: int = 0
    api_key: str | None = None


@dataclass(frozen=True, slots=True)
class Option:
    name: str
    parse: Callable[[str], Any]
    help: str
    placeholder: str = ""
    secret: bool = False  # a variable only: flags are seen by every user of a machine

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        return PREFIX + self.name.upper()


def _number(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise ValueError(f"'{text}' is not a whole number") from None
        if not least <= value <= most:
            raise ValueError(f"{value} is not between {least} and {most}")
        return value

    return parse


def _truth(text: str) -> bool:
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off", ""):
        return False
    raise ValueError(f"'{text}' is neither true nor false")


def _text(text: str) -> str:
    if not text.strip():
        raise ValueError("it is empty")
    return text


OPTIONS = (
    Option("auto", _truth, "take the best model for this machine and serve it"),
    Option("model", _text, "serve this GGUF file", "FILE"),
    Option("host", _text, "listen on this address; beyond loopback an API key is required", "ADDRESS"),
    Option("port", _number(0, 65535), "listen on this port; 0 takes any free one", "N"),
    Option("state_dir", lambda text: Path(_text(text)).expanduser(), "keep logs and keys in this folder", "FOLDER"),
    Option("context", _number(128, 2**24), "tokens of one request, prompt and answer together", "TOKENS"),
    Option("instances", _number(1, 64), "seats: candidates that answer at once; they share one memory", "N"),
    Option("threads", _number(1, 1024), "CPU threads of the engine, at most; it takes fewer when that is faster", "N"),
    Option("api_key", _text, "the key that clients must send", secret=True),
)


def add_flags(parser: argparse.ArgumentParser) -> None:
    for option in OPTIONS:
        if option.secret:
            continue
        text = f"{option.help} ({option.variable}{_default_words(option)})"
        if option.parse is _truth:
            parser.add_argument(option.flag, action="store_const", const="true", default=None, help=text)
        else:
            parser.add_argument(option.flag, metavar=option.placeholder, default=None, help=text)


def load(flags: Mapping[str, str | None], environ: Mapping[str, str] | None = None) -> Settings:
    environ = os.environ if environ is None else environ
    settings = replace(Settings(), state_dir=default_state_dir(environ, sys.platform))
    for option in OPTIONS:
        for name, text in ((option.variable, environ.get(option.variable)), (option.flag, flags.get(option.name))):
            if text is not None:
                settings = replace(settings, **{option.name: _parse(option, name, text)})
    return settings


def default_state_dir(environ: Mapping[str, str], platform: str) -> Path:
    home = Path(environ.get("HOME") or environ.get("USERPROFILE") or ".")
    if platform == "darwin":
        return home / "Library" / "Application Support" / "localswarm"
    if platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "localswarm"
    return Path(environ.get("XDG_STATE_HOME") or home / ".local" / "state") / "localswarm"


def same_again(settings: Settings) -> Sequence[str]:
    """The flags that start exactly this configuration; secrets stay out of it."""
    defaults = Settings()
    words = []
    for option in OPTIONS:
        value = getattr(settings, option.name)
        if option.secret or value is None or (value == getattr(defaults, option.name) and option.name != "port"):
            continue
        words += [option.flag] if value is True else [option.flag, str(value)]
    return words


def _parse(option: Option, name: str, text: str) -> Any:
    try:
        return option.parse(text)
    except ValueError as error:
        raise SettingError(f"{name} {text}: {error}. See: python main.py --help") from None


def _default_words(option: Option) -> str:
    default = next(field.default for field in fields(Settings) if field.name == option.name)
    return f", default {default}" if default and option.name != "state_dir" else ""
