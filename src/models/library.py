"""Where models come from: the installation, this machine's caches, the hub."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from ..errors import ModelUnusable
from . import embedded, gguf
from .card import ModelCard, ModelFile
from .catalogue.catalogue import Catalogue
from .fit.fit import Body
from .hub.caches import Caches
from .hub.digests import Digests
from .hub.download import Downloader
from .hub.hub import Hub
from .hub.refusals import NotOnHub
from .hub.remote_file import open_copy, open_remote
from .mlx.library import Folders
from .parts import body_of, parts


@dataclass(frozen=True, slots=True)
class Library:
    catalogue: Catalogue
    caches: Caches
    hub: Hub  # for questions
    downloader: Downloader  # for files
    digests: Digests

    @property
    def folders(self) -> Folders:
        return Folders(self.caches, self.hub, self.downloader)

    def local(self, card: ModelCard) -> Path | None:
        """Its file, or the first of its files, if it is on this machine."""
        if embedded.is_card(card):
            path = embedded.find()
            embedded.verify(path)
            return path
        if card.format == "mlx":
            return self.folders.local(card)
        if all(file.sha256 for file in card.files):
            found = self.caches.find_all(card.repo, card.files, self.digests)
            return found[0] if found else None
        return self._by_name(card)

    def exact(self, card: ModelCard) -> ModelCard:
        """With names, sizes and hashes as the hub has them now, where the catalogue could not know them."""
        if card.format == "mlx":
            return self.folders.exact(card)
        if all(file.sha256 for file in card.files):
            return card
        listed = {file.name.lower(): file for file in self.hub.files(card.repo)}
        files = tuple(self._listed(listed, file, card) for file in card.files)
        return replace(card, files=files, verified=True)

    def body(self, card: ModelCard) -> Body:
        """Read from where it is, before anything is downloaded."""
        if card.format == "mlx":
            return self.folders.body(card)
        if lent := self._lent_body(card):
            return lent
        name = card.files[0].name
        with open_remote(self.hub, card.repo, name, card.revision) as file:
            return body_of(read_remote(file, name, card.repo), card.id, card.bytes)

    def _lent_body(self, card: ModelCard) -> Body | None:
        """Of the first neighbour whose copy has a header that can be read."""
        first = card.files[0]
        copies = self.downloader.neighbours.copies(first.sha256, first.bytes) if first.sha256 else ()
        for copy in copies:
            try:
                with open_copy(copy, first.bytes) as file:
                    return body_of(read_remote(file, first.name, copy.holder), card.id, card.bytes)
            except ModelUnusable:
                continue
        return None

    def fetch(self, card: ModelCard) -> Path:
        if card.format == "mlx":
            return self.folders.fetch(card)
        return self.downloader.fetch(card.repo, card.files, card.revision)[0]

    def _by_name(self, card: ModelCard) -> Path | None:
        """A size that was only reckoned finds nothing; the right name in the right repository does."""
        names = {Path(file.name).name.lower() for file in card.files}
        found = [one for one in self.caches.list_gguf() if Path(one.name).name.lower() in names]
        mine = sorted(one.path for one in found if one.repo.lower() in ("", card.repo.lower()))
        whole = [path for path in mine if _is_whole(path)]
        return next((path for path in whole if all(part in whole for part in parts(path))), None)

    def _listed(self, listed: dict[str, ModelFile], file: ModelFile, card: ModelCard) -> ModelFile:
        name = file.name.lower()
        found = listed.get(name) or next((each for each in listed.values() if _same_name(each.name, name)), None)
        if not found:
            raise NotOnHub(f"{card.repo} has no file {file.name}; it has {_some(listed)}.")
        return found


def read_remote(file: BinaryIO, name: str, repo: str) -> gguf.Header:
    try:
        return gguf.read(file, name)
    except (EOFError, struct.error):
        raise ModelUnusable(f"{name} of {repo} ends in the middle of its header: take another.") from None


def _same_name(name: str, wanted: str) -> bool:
    return Path(name).name.lower() == Path(wanted).name


def _is_whole(path: Path) -> bool:
    try:
        gguf.check(path)
    except ModelUnusable:
        return False
    return True


def _some(names: Iterable[str]) -> str:
    models = sorted(name for name in names if name.endswith(".gguf"))
    return ", ".join(models[:6]) + (" and others" if len(models) > 6 else "") if models else "no GGUF file"
