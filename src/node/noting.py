"""What a node that runs keeps in its database."""

import logging
from collections.abc import Callable
from functools import partial

import anyio.to_thread

from ..errors import StartError

LOG = logging.getLogger(__name__)


async def noted(write: Callable[..., None], *what: object) -> None:
    """Off the thread that serves; what cannot be written is no reason to stop."""
    try:
        await anyio.to_thread.run_sync(partial(write, *what))
    except StartError as error:
        LOG.warning("%s", error.message)
