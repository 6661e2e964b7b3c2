"""The sockets for multicast DNS of this process: what is announced, asked and heard there."""

import asyncio
import errno
import logging
import os
from collections.abc import Callable, Sequence
from typing import Self

import anyio
from zeroconf import (
    Error,
    InterfaceChoice,
    IPVersion,
    RecordUpdate,
    RecordUpdateListener,
    ServiceInfo,
    Zeroconf,
)
from zeroconf.asyncio import AsyncZeroconf

from .dns import DNSOutgoing, DNSQuestion, DNSRecord
from .packet import Known
from .place import Place
from .record import SERVICE, Record, encode

# It logs each packet that is not understood and each interface that refuses: anybody in the LAN could fill the log.
logging.getLogger("zeroconf").setLevel(logging.CRITICAL)

# Others forget addresses that do not answer anyway, so a goodbye is only a kindness.
GOODBYE_SECONDS = 0.4

_QUERY, _POINTER, _INTERNET = 0, 12, 1

Heard = Callable[[Sequence[DNSRecord], Known], None]


class Multicast:
    """Asks by itself, as a ServiceBrowser keeps a timer for each record that anybody sent, and sends all of them along
    with each question."""

    def __init__(self, sockets: AsyncZeroconf, heard: Heard) -> None:
        self._sockets = sockets
        self._info: ServiceInfo | None = None
        sockets.zeroconf.async_add_listener(_Listener(heard), None)

    @classmethod
    async def open(cls, place: Place, heard: Heard) -> Self:
        """May raise OSError."""
        if not place.addresses or (place.host and not place.has(place.host)):
            raise OSError(errno.ENETDOWN, os.strerror(errno.ENETDOWN))
        multicast = cls(_open(place.host), heard)
        try:
            await multicast._sockets.zeroconf.async_wait_for_start()
        except Error as error:
            await multicast.close()
            raise OSError(errno.EIO, "multicast DNS did not start") from error
        except asyncio.CancelledError:
            with anyio.CancelScope(shield=True):
                await multicast.close()
            raise
        return multicast

    def ask(self, directly: bool) -> None:
        """All nodes to tell of themselves. `directly`: to us, at once. To everybody they say the same thing only
        once a second; but what is for us may end up at another program of this machine that listens too."""
        question = DNSQuestion(SERVICE, _POINTER, _INTERNET)
        question.unicast = directly
        packet = DNSOutgoing(_QUERY)
        packet.add_question(question)
        self._sockets.zeroconf.async_send(packet)

    async def announce(self, record: Record, addresses: Sequence[str]) -> None:
        info = _info(record, addresses)
        if self._info is not None and self._info.name == info.name:
            await self._sockets.async_update_service(info)
        else:
            await self._withdraw()
            # Without asking first whether the name is taken: whoever says so could silence us, and it is our id.
            await self._sockets.async_register_service(info, cooperating_responders=True)
        self._info = info

    async def rescan(self) -> None:
        """The interfaces, which may have come, gone, or changed their addresses."""
        await self._sockets.async_update_interfaces()

    async def close(self) -> None:
        try:
            async with asyncio.timeout(GOODBYE_SECONDS):
                await self._sockets.async_unregister_all_services()
        except TimeoutError:
            pass
        await self._sockets.async_close()

    async def _withdraw(self) -> None:
        if self._info is not None:
            await self._sockets.async_unregister_service(self._info)


class _Listener(RecordUpdateListener):
    def __init__(self, heard: Heard) -> None:
        self._heard = heard

    def async_update_records(self, zc: Zeroconf, now: float, records: list[RecordUpdate]) -> None:
        """The records of one packet. Goodbyes are left out: anybody can say them for anybody."""
        fresh = [update.new for update in records if not update.new.is_expired(now)]
        if fresh:
            self._heard(fresh, zc.cache.async_entries_with_name)


def _open(host: str | None) -> AsyncZeroconf:
    try:
        if host is not None:
            return AsyncZeroconf(interfaces=[host])
        try:
            return AsyncZeroconf(interfaces=InterfaceChoice.All, ip_version=IPVersion.All)
        except OSError as error:
            if error.errno != errno.EAFNOSUPPORT:
                raise
            return AsyncZeroconf(interfaces=InterfaceChoice.All, ip_version=IPVersion.V4Only)
    except RuntimeError as error:  # the interface has gone this moment
        raise OSError(errno.ENETDOWN, str(error)) from error


def _info(record: Record, addresses: Sequence[str]) -> ServiceInfo:
    return ServiceInfo(
        SERVICE,
        record.instance,
        port=record.port,
        properties=encode(record),
        server=record.server,
        parsed_addresses=[address.partition("%")[0] for address in addresses],
    )
