"""What a node remembers on its machine: one SQLite database in the state folder, shared by all nodes that use it."""

from pathlib import Path

from .database import PATIENCE_SECONDS, Database
from .facts import Facts
from .fits import Fits
from .models import Models
from .peers import Peers, Starts
from .servers import Servers
from .strengths import Strengths


class State:
    """Synchronous and quick; safe to share between threads, and between processes of one machine."""

    def __init__(self, folder: Path, patience: float = PATIENCE_SECONDS) -> None:
        """StateUnusable where the folder or the database in it cannot serve."""
        self._database = Database(folder, patience)
        self.notice = self._database.notice
        """A sentence for the user, where a damaged database was put aside."""
        self.models = Models(self._database)
        self.fits = Fits(self._database)
        self.servers = Servers(self._database)
        self.facts = Facts(self._database)
        self.strengths = Strengths(self._database)
        self.peers = Peers(self._database)
        self.starts = Starts(self._database)

    @property
    def file(self) -> Path:
        return self._database.file

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> "State":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
