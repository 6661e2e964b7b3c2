"""Lends this machine's free memory: one server of llama.cpp for each loan, on loopback, that ends with it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import anyio
import anyio.to_thread
import psutil

from ...errors import SwarmError, Unavailable
from ...federation.loans.lending import BLOCK, Opened, Pipe
from ...federation.loans.terms import Part, Terms
from ...hardware import machine
from ...hardware.machine import Hardware
from ...models.fit.budget import CARD_LEAST, CARD_RUNTIME, budget
from . import built

LOOPBACK = "127.0.0.1"
START_SECONDS = 25.0
ACCEPT_SECONDS = 5.0
LOOK_SECONDS = 0.05
# Asking the drivers starts a process; several may ask at once.
KEPT_SECONDS = 3.0


@dataclass(slots=True)
class Memory:
    """`ready`: raises Unavailable while this node's own model may still take memory."""

    name: str
    hardware: Hardware
    log: Path
    threads: int
    environment: Mapping[str, str]
    ready: Callable[[], object]
    free: Callable[[], Hardware] = machine.detect
    _told: Terms | None = field(default=None, init=False)
    _until: float = field(default=0.0, init=False)

    async def terms(self) -> Terms:
        if self._told is None or time.monotonic() > self._until:
            self._told = await self._now()
            self._until = time.monotonic() + KEPT_SECONDS
        return self._told

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Opened]:
        terms = await self._now()
        if not terms.parts:
            raise Unavailable(terms.why)
        self._until = 0.0
        process = await self._start(terms)
        try:
            reader, writer = await _connected(process.pid, self.log)
            try:
                yield Opened(sum(part.room for part in terms.parts), (reader, writer))
            finally:
                writer.transport.abort()
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            with anyio.CancelScope(shield=True):
                await process.wait()

    async def _now(self) -> Terms:
        try:
            self.ready()
            parts = await anyio.to_thread.run_sync(self._parts)
        except SwarmError as error:
            return Terms(self.name, built.engine(), why=error.message)
        if not parts:
            return Terms(self.name, built.engine(), why="It has no memory left to lend.")
        return Terms(self.name, built.engine(), parts)

    def _parts(self) -> tuple[Part, ...]:
        devices = built.lendable("--lend")
        known = [device.bandwidth for device in self.hardware.devices] or [self.hardware.cpu.bandwidth]
        rooms = [self._room(device.free) for device in devices]
        return tuple(Part(one.name, room, min(known)) for one, room in zip(devices, rooms, strict=True) if room > 0)

    def _room(self, free: int) -> int:
        if free:
            return free - CARD_RUNTIME - CARD_LEAST
        return budget(replace(self.free(), devices=())).ram

    async def _start(self, terms: Terms) -> asyncio.subprocess.Process:
        of_processor = not self.hardware.devices
        room = terms.parts[0].room if of_processor else 0
        words = (*built.COMMAND, str(room), str(self.threads))
        with self.log.open("wb") as log:
            return await asyncio.create_subprocess_exec(
                *words,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
                env=self.environment,
            )


def check() -> None:
    """SettingError where nothing can be lent."""
    built.lendable("--lend")


async def _connected(process: int, log: Path) -> Pipe:
    """With the server itself, and nobody who took its port; and as the only one: it serves one at a time, so another
    program of this machine that was quicker would have it."""
    try:
        with anyio.fail_after(START_SECONDS):
            port = await _port(process)
        reader, writer = await asyncio.open_connection(LOOPBACK, port, limit=BLOCK)
        with anyio.fail_after(ACCEPT_SECONDS):
            await _accepted(process, writer.get_extra_info("sockname"))
    except (OSError, psutil.Error):
        raise Unavailable(f"Its server for loans could not be started (its log: {log}).") from None
    return reader, writer


async def _port(process: int) -> int:
    while True:
        for one in psutil.Process(process).net_connections("tcp4"):
            if one.status == psutil.CONN_LISTEN and one.laddr.ip == LOOPBACK:
                return int(one.laddr.port)
        if psutil.Process(process).status() == psutil.STATUS_ZOMBIE:
            raise ProcessLookupError
        await anyio.sleep(LOOK_SECONDS)


async def _accepted(process: int, address: tuple[str, int]) -> None:
    while True:
        if any(one.raddr == address for one in psutil.Process(process).net_connections("tcp4")):
            return
        await anyio.sleep(LOOK_SECONDS)
