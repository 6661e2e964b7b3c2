"""Where this node takes models from, out of its settings and of what other programs say of themselves."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import replace
from pathlib import Path

from ..errors import SettingError
from ..models.catalogue import catalogue
from ..models.hub import caches
from ..models.hub.digests import Digests, Stamp
from ..models.hub.download import Downloader
from ..models.hub.hub import ENDPOINT, Hub, HubSettings
from ..models.hub.neighbours import Alone, Neighbours
from ..models.hub.patience import Patience
from ..models.hub.progress import Progress, Watch
from ..models.library import Library
from ..settings import Settings
from ..state import State

CATALOGUE = "models.toml"
TRUE = ("1", "true", "yes", "on")
# A start waits no longer than this for a hub that is away; once a download runs, it is borne with for longer.
START = Patience(attempts=2, first_wait=0.5, silence=8.0)


def library(
    settings: Settings,
    variables: Mapping[str, str],
    state: State,
    config: Path,
    progress: Callable[[Progress], None],
    say: Callable[[str], None],
    neighbours: Neighbours | None = None,
) -> Library:
    hub = hub_settings(settings, variables)
    user = settings.state_dir / CATALOGUE
    known = catalogue.load(config / CATALOGUE, user if user.exists() else None)
    here = caches.usual(_home(variables), sys.platform, usual_cache(variables), _path(variables, "OLLAMA_MODELS"))
    here = replace(here, hub=tuple(dict.fromkeys((hub.cache, *here.hub))))
    digests = Digests(KnownDigests(state), lambda path: say(f"Checking {path.name} ..."))
    downloader = Downloader(
        Hub(hub),
        Watch(progress, say),
        neighbours=Alone() if hub.offline or neighbours is None else neighbours,
        verified=digests.remember,
    )
    return Library(known, here, Hub(hub, START), downloader, digests)


def hub_settings(settings: Settings, variables: Mapping[str, str]) -> HubSettings:
    offline = settings.offline or variables.get("HF_HUB_OFFLINE", "").lower() in TRUE
    asked = settings.hub != ENDPOINT
    endpoint = settings.hub if asked else variables.get("HF_ENDPOINT") or ENDPOINT
    # A stored token was given for the usual hub, and is shown to no other.
    token = variables.get("HF_TOKEN", "").strip() or (None if asked else _stored_token(_hub_home(variables)))
    return HubSettings(settings.models_dir or usual_cache(variables), endpoint, _checked(token), offline)


def usual_cache(variables: Mapping[str, str]) -> Path:
    return _path(variables, "HF_HUB_CACHE") or _hub_home(variables) / "hub"


def _hub_home(variables: Mapping[str, str]) -> Path:
    return _path(variables, "HF_HOME") or _cache(variables) / "huggingface"


def _checked(token: str | None) -> str | None:
    if token and not all("!" <= mark <= "~" for mark in token):
        raise SettingError(
            "HF_TOKEN, or the token of `hf auth login`, is no token: it has spaces or letters beyond ASCII."
        )
    return token


class KnownDigests(MutableMapping[Stamp, str]):
    """The sums that the state database keeps."""

    def __init__(self, state: State) -> None:
        self._models = state.models

    def __getitem__(self, stamp: Stamp) -> str:
        path, size, changed = stamp
        if found := self._models.sha256(Path(path), size, changed):
            return found
        raise KeyError(stamp)

    def __setitem__(self, stamp: Stamp, digest: str) -> None:
        path, size, changed = stamp
        self._models.remember(Path(path), size, changed, "found", digest)

    def __delitem__(self, stamp: Stamp) -> None:
        self._models.forget(Path(stamp[0]))

    def __iter__(self) -> Iterator[Stamp]:
        return ((str(m.path), m.size, m.mtime_ns) for m in self._models.all() if m.sha256)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _stored_token(home: Path) -> str | None:
    """Where `hf auth login` puts it."""
    try:
        return (home / "token").read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def _cache(variables: Mapping[str, str]) -> Path:
    return _path(variables, "XDG_CACHE_HOME") or _home(variables) / ".cache"


def _home(variables: Mapping[str, str]) -> Path:
    return _path(variables, "HOME") or _path(variables, "USERPROFILE") or Path()


def _path(variables: Mapping[str, str], name: str) -> Path | None:
    return Path(os.path.expanduser(variables[name])) if variables.get(name) else None
