"""Models for MLX: the folders of them that are on this machine, and what a hub says of the others."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ...errors import ModelUnusable
from ..card import ModelCard
from ..fit.fit import Body
from ..hub import snapshots
from ..hub.caches import Caches
from ..hub.download import Downloader
from ..hub.folder_files import WEIGHTS, of_folder
from ..hub.hub import Hub
from ..hub.refusals import HubUnreachable, NotOnHub
from . import folder
from .place import Remote


@dataclass(frozen=True, slots=True)
class Folders:
    caches: Caches
    hub: Hub  # for questions
    downloader: Downloader  # for files

    def local(self, card: ModelCard) -> Path | None:
        return next((path for path, fault in self.here(card.repo, card.revision) if fault is None), None)

    def here(self, repo: str, revision: str = "main") -> Iterator[tuple[Path, str | None]]:
        """Each with what is wrong with it."""
        for path in snapshots.of_repo(self.caches, repo, revision):
            try:
                folder.body(path, repo)
                yield path, None
            except ModelUnusable as error:
                yield path, error.message

    def exact(self, card: ModelCard) -> ModelCard:
        """With the files that the hub has now."""
        try:
            files = of_folder(self.hub.files(card.repo, card.revision))
        except HubUnreachable as error:
            raise self.lacking(error, card.repo, card.revision) from None
        if not files:
            raise NotOnHub(f"{card.repo} holds no folder for MLX: config.json and {WEIGHTS}.")
        return replace(card, files=files, verified=True)

    def lacking(self, error: HubUnreachable, repo: str, revision: str) -> HubUnreachable:
        """Why the hub was asked, where a part of the folder is here."""
        halves = [fault for _, fault in self.here(repo, revision) if fault]
        return HubUnreachable(" ".join((error.message, *halves[:1])), error.passing)

    def body(self, card: ModelCard) -> Body:
        """Out of headers that are read from the hub, before anything is downloaded."""
        return folder.described(Remote(self.hub, card.repo, card.files, card.revision), card.id)

    def fetch(self, card: ModelCard) -> Path:
        """A folder that is whole and can be loaded."""
        path = self.downloader.fetch(card.repo, card.files, card.revision)[-1].parent
        folder.body(path, card.id)
        return path
