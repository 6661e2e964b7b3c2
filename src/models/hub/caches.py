"""Models that are on this machine already: in the hub's cache, Ollama's, LM Studio's, and folders of the user.

A file is the same when its size and its SHA-256 are; where no SHA-256 is known, when repository, name and size are.
Nothing here fails: what cannot be read is not there.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..card import ModelFile
from . import disk
from .digests import Digests
from .storage import claims

Source = Literal["hub", "ollama", "lmstudio", "folder"]

OLLAMA_MODEL = "application/vnd.ollama.image.model"
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
OLLAMA_REGISTRY = "registry.ollama.ai"
LARGEST_JSON = 2**20  # characters; a real manifest has about a thousand
LONGEST_PATH = 4096


@dataclass(frozen=True, slots=True)
class Found:
    path: Path
    source: Source
    repo: str  # owner/name as far as the place tells; Ollama: name:tag
    name: str  # of the file; Ollama: the tag's
    bytes: int


@dataclass(frozen=True, slots=True)
class Caches:
    hub: Sequence[Path] = ()
    ollama: Sequence[Path] = ()
    lmstudio: Sequence[Path] = ()
    folders: Sequence[Path] = ()

    def list_gguf(self) -> list[Found]:
        """Every model file, each once even where several names lead to it, in the order of the places."""
        seen: dict[Path, Found] = {}
        for found in self._all():
            if found.source == "ollama" or found.name.endswith(".gguf"):
                seen.setdefault(_real(found.path), found)
        return list(seen.values())

    def find(self, repo: str, file: ModelFile, digests: Digests | None = None) -> Path | None:
        digests = digests or Digests()
        return next((found.path for found in self._all() if _same(found, repo, file, digests)), None)

    def find_all(self, repo: str, files: Sequence[ModelFile], digests: Digests | None = None) -> list[Path] | None:
        """All files of one model. Those in several parts must lie together, where the engine looks for them."""
        if len(files) == 1:
            path = self.find(repo, files[0], digests)
            return [path] if path else None
        digests = digests or Digests()
        for first in self._all():
            if _same(first, repo, files[0], digests):
                rest = [_beside(first, file) for file in files[1:]]
                if all(each and _same(each, repo, file, digests) for each, file in zip(rest, files[1:], strict=True)):
                    return [first.path, *(each.path for each in rest if each)]
        return None

    def _all(self) -> Iterator[Found]:
        for folder in self.hub:
            yield from _hub(folder)
        for folder in self.ollama:
            yield from _ollama(folder)
        for folder in self.lmstudio:
            yield from _lmstudio(folder)
        for folder in self.folders:
            yield from _plain(folder)


def usual(home: Path, platform: str, hub: Path | None = None, ollama: Path | None = None) -> Caches:
    """Where they lie when nobody moved them; `hub` and `ollama` where variables say so."""
    system = () if platform == "win32" else (Path("/usr/share/ollama/.ollama/models"), Path("/var/lib/ollama/models"))
    llama_cpp = home / "Library" / "Caches" / "llama.cpp" if platform == "darwin" else home / ".cache" / "llama.cpp"
    return Caches(
        hub=(hub or home / ".cache" / "huggingface" / "hub",),
        ollama=(ollama or home / ".ollama" / "models", *system),
        lmstudio=tuple(lmstudio_models(folder) for folder in _lmstudio_homes(home)),
        folders=(llama_cpp,),
    )


def _lmstudio_homes(home: Path) -> list[Path]:
    """The pointer names the one in use; without it, the older place wins where it exists."""
    homes = [home / ".cache" / "lm-studio", home / ".lmstudio"]
    pointed = disk.text(home / ".lmstudio-home-pointer", LONGEST_PATH).strip()
    return [Path(pointed), *(each for each in homes if each != Path(pointed))] if pointed else homes


def lmstudio_models(home: Path) -> Path:
    """Its models may have been moved in its settings."""
    try:
        return Path(json.loads(disk.text(home / "settings.json", LARGEST_JSON))["downloadsFolder"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return home / "models"


def _hub(folder: Path) -> Iterator[Found]:
    for repo in disk.entries(folder):
        if repo.name.startswith("models--"):
            name = repo.name.removeprefix("models--").replace("--", "/", 1)
            for snapshot in disk.entries(repo / "snapshots"):
                yield from _files(snapshot, "hub", name)


def _lmstudio(folder: Path) -> Iterator[Found]:
    for publisher in disk.entries(folder):
        for repo in disk.entries(publisher):
            yield from _files(repo, "lmstudio", f"{publisher.name}/{repo.name}")


def _plain(folder: Path) -> Iterator[Found]:
    yield from _files(folder, "folder", "")


def _ollama(folder: Path) -> Iterator[Found]:
    manifests = folder / "manifests"
    for manifest in _walk(manifests):
        for digest in ollama_models(disk.text(manifest, LARGEST_JSON)):
            blob = folder / "blobs" / digest.replace(":", "-")
            if size := disk.size(blob):
                name = ollama_name(manifest.relative_to(manifests).parts)
                yield Found(blob, "ollama", name, manifest.name, size)


def ollama_models(manifest: str) -> list[str]:
    """The digests of the model layers, of whatever the manifest holds."""
    try:
        layers = json.loads(manifest)["layers"]
        return [layer["digest"] for layer in layers if _is_model(layer)]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []


def _is_model(layer: Mapping[str, Any]) -> bool:
    return layer["mediaType"] == OLLAMA_MODEL and bool(DIGEST.fullmatch(layer["digest"]))


def ollama_name(place: Sequence[str]) -> str:
    """As `ollama list` says it: registry.ollama.ai/library/qwen2.5/7b is qwen2.5:7b, all else keeps its owner."""
    *owners, name, tag = ("", *place) if len(place) == 1 else place
    if owners[:1] == [OLLAMA_REGISTRY]:
        owners = owners[1:]
    if owners == ["library"]:
        owners = []
    return "/".join([*owners, name]) + f":{tag}"


def _files(folder: Path, source: Source, repo: str) -> Iterator[Found]:
    for path in _walk(folder):
        if size := disk.size(path):
            yield Found(path, source, repo, path.relative_to(folder).as_posix(), size)


def _walk(folder: Path) -> Iterator[Path]:
    """Every file below; links are followed, and a folder that several lead to, or one to itself, is seen once."""
    seen, left = {_real(folder)}, [folder]
    while left:
        for entry in disk.entries(left.pop()):
            if not disk.is_folder(entry):
                yield entry
            elif (real := _real(entry)) not in seen:
                seen.add(real)
                left.append(entry)


def _same(found: Found, repo: str, file: ModelFile, digests: Digests) -> bool:
    if found.bytes != file.bytes:
        return False
    if file.sha256 is None:
        return found.name == file.name and (found.repo == repo or found.source == "folder")
    return claims(found.path) in (None, file.sha256) and digests.of(found.path) == file.sha256


def _beside(first: Found, file: ModelFile) -> Found | None:
    path = first.path.with_name(Path(file.name).name)
    size = disk.size(path) if first.source != "ollama" else None
    return Found(path, first.source, first.repo, file.name, size) if size else None


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
