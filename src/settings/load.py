"""Defaults, then the file, then variables, then flags. The environment is read here and nowhere else."""

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..errors import SettingError
from . import file as settings_file
from . import kinds
from .file import Written, nearest
from .kinds import short
from .places import default_file, default_state_dir
from .table import CONFIG, CONFIG_FLAG, CONFIG_VARIABLE, OPTIONS, PREFIX, Option, Settings
from .tools import Mount
from .upstreams import Upstream

# Variables of other programs that say something about this machine or its models.
FOREIGN = (
    "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES",
    "HF_HOME", "HF_HUB_CACHE", "HF_TOKEN", "HF_ENDPOINT", "HF_HUB_OFFLINE", "OLLAMA_MODELS",
    "HOME", "USERPROFILE", "LOCALAPPDATA", "XDG_CACHE_HOME",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Loaded:
    settings: Settings
    origins: Mapping[str, str]  # by option: default, file PATH, variable NAME, flag --NAME
    file: Path
    file_found: bool
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Source:
    """A value as it was written, and where."""

    text: str
    origin: str
    quoted: str  # as an error begins
    folder: Path = field(default_factory=Path)  # that a relative path starts from


def load(flags: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> Settings:
    return read(flags, environ).settings


def read(flags: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> Loaded:
    """The settings in force, and where each of them comes from. SettingError names the source of what is wrong."""
    environ = os.environ if environ is None else environ
    file, named = _file_to_read(flags, environ)
    written = settings_file.read(file, named)
    settings = defaults(environ)
    origins = {}
    for option in OPTIONS:
        origins[option.name] = "default"
        for source in _sources(option, file, written or {}, flags, environ):
            settings = replace(settings, **{option.name: _parse(option, source)})
            origins[option.name] = source.origin
    return Loaded(settings, origins, file, written is not None, tuple(_warnings(file, written or {}, environ)))


def defaults(environ: Mapping[str, str] | None = None) -> Settings:
    """Of this system, whatever the file, the variables and the flags say."""
    environ = os.environ if environ is None else environ
    return replace(Settings(), state_dir=default_state_dir(environ, sys.platform))


def foreign(environ: Mapping[str, str] | None = None) -> Mapping[str, str]:
    """Variables of other programs, for those parts of ours that look at them."""
    environ = os.environ if environ is None else environ
    return {name: environ[name] for name in FOREIGN if name in environ}


def variable(name: str, environ: Mapping[str, str] | None = None) -> str:
    """One that a setting names; empty where it is not set."""
    environ = os.environ if environ is None else environ
    return environ.get(name, "")


def environment() -> dict[str, str]:
    """For a program that we start with other variables beside the user's own."""
    return dict(os.environ)


def _file_to_read(flags: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[Path, bool]:
    """The file, and whether somebody named it."""
    for name, said in ((CONFIG_FLAG, flags.get(CONFIG)), (CONFIG_VARIABLE, environ.get(CONFIG_VARIABLE) or None)):
        if said is not None:
            try:
                return kinds.path(said), True
            except ValueError as error:
                raise SettingError(f"{name} {short(said)}: {error}. Give it the path of a TOML file.") from None
    return default_file(environ, sys.platform), False


def _sources(
    option: Option, file: Path, written: Written, flags: Mapping[str, Any], environ: Mapping[str, str]
) -> Iterator[_Source]:
    """The weaker first."""
    if option.name in written:
        yield _Source(written[option.name], f"file {file}", f"{file}: {option.name}", file.parent)
    # An empty variable is how many tools say that it is not set.
    if said := environ.get(option.variable):
        quoted = option.variable if option.secret else f"{option.variable} {short(said)}"
        yield _Source(said, f"variable {option.variable}", quoted)
    said = flags.get(option.name)
    if said is not None:
        said = said if isinstance(said, str) else option.joint.join(said)
        flag = option.no_flag if said == "false" and option.kind is bool else option.flag
        yield _Source(said, f"flag {flag}", flag if option.secret else f"{flag} {short(said)}")


def _parse(option: Option, source: _Source) -> Any:
    try:
        value = option.parse(source.text)
    except ValueError as error:
        raise SettingError(f"{source.quoted}: {error}. See: python main.py --help") from None
    if isinstance(value, tuple):
        return tuple(one.below(source.folder) if isinstance(one, Upstream | Mount) else one for one in value)
    return source.folder / value if isinstance(value, Path) else value


def _warnings(file: Path, written: Written, environ: Mapping[str, str]) -> Iterator[str]:
    if settings_file.is_open_secret(file, written):
        yield f"Other users of this machine can read the secret in {file}. Mend it with: chmod 600 {file}"
    # Only a warning: a cluster sets variables of its own for a service that is called like us.
    known = [CONFIG_VARIABLE, *(option.variable for option in OPTIONS)]
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known and (meant := nearest(name, known)):
            yield f"The variable {name} is not known and has no effect. Did you mean {meant}?"
