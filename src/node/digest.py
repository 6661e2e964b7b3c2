"""The sha256 of this node's model, taken while nobody asks anything. By it others know that they have the same one,
whatever it is called there, and may fetch its files from here."""

import hashlib
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import anyio
import anyio.to_thread

from ..errors import StartError
from ..models.hub.digests import Digests
from ..models.mlx import folder
from ..models.parts import parts
from ..state import State
from .sources import KnownDigests

LOG = logging.getLogger(__name__)
LOOK_SECONDS = 5.0
# It was just loaded, so that it need not come from the disk again; but whoever asks at once is not kept waiting.
QUIET_SECONDS = 10.0
WEIGHTS = "*.safetensors"


class Digest:
    """`quiet`: seconds since somebody wanted something. `tell`: whoever offers the model."""

    def __init__(
        self,
        state: State,
        path: Path,
        quiet: Callable[[], float],
        tell: Callable[[str], None],
        look: float = LOOK_SECONDS,
    ) -> None:
        self._digests = Digests(KnownDigests(state))
        self._path = path
        self._quiet = quiet
        self._tell = tell
        self._look = look

    async def run(self) -> None:
        try:
            found = [await self._of(file) for file in await anyio.to_thread.run_sync(files, self._path)]
        except StartError as error:
            LOG.warning("%s", error.message)
            return
        if digest := together([one for one in found if one]):
            self._tell(digest)

    async def _of(self, file: Path) -> str | None:
        if known := await anyio.to_thread.run_sync(self._digests.known, file):
            return known
        while self._quiet() < QUIET_SECONDS:  # noqa: ASYNC110 - a quiet while is no event
            await anyio.sleep(self._look)
        # Some seconds for each ten gigabytes; a node that ends does not wait for it.
        return await anyio.to_thread.run_sync(self._digests.of, file, abandon_on_cancel=True)


def files(path: Path) -> list[Path]:
    """Those with weights, in an order that is the same everywhere."""
    return sorted(path.glob(WEIGHTS)) if folder.is_folder(path) else parts(path)


def together(found: Sequence[str]) -> str:
    """Of one file it is its own, as everybody else calls it too."""
    if len(found) < 2:
        return "".join(found)
    return hashlib.sha256("\n".join(found).encode()).hexdigest()
