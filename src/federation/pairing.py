"""A PIN that is read from one screen and typed at another carries the swarm code to a new machine.

    the new machine                          the host
    HELLO and its half of SPAKE2      ->
                                      <-     its own half
    proof that it knows the PIN       ->     a wrong one costs one of three tries
                                      <-     proof, and the code under a key that only these two have

Whoever listens learns nothing, and whoever guesses has three guesses in a million.
"""

import asyncio
import secrets
import socket
from collections.abc import Callable
from hmac import compare_digest

from cryptography.exceptions import InvalidTag

from ..errors import SettingError, StartError
from .code import Code
from .nodes import Endpoint
from .pin import DIGITS, Exchange

HELLO = "localswarm-pair-1"
TRIES = 3
OPEN_SECONDS = 120.0  # as long as it takes to walk to the other machine
CONNECTION_SECONDS = 5.0
# The arithmetic takes longer or shorter with the PIN: the answer always comes so long after the question.
ANSWER_SECONDS = 0.25
LONGEST_LINE = 512
WRONG, BUSY = "wrong", "busy"
AGAIN = "Start `python main.py swarm pair` there again, and use the new PIN."


class PairingFailed(StartError):
    code = "pairing_failed"


class NotReached(PairingFailed):
    """Nobody answers there, and no try is lost."""


class PairingHost:
    """Gives the code to the first machine that knows the PIN. `say`: told of each that does not."""

    def __init__(self, code: Code, say: Callable[[str], None], host: str = "") -> None:
        self.pin = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        self._code = code
        self._say = say
        self._tries = TRIES
        self._busy = False
        self._talks: dict[asyncio.Task[None], asyncio.WriteTransport] = {}
        self._over = asyncio.Event()
        self._paired: str | None = None
        self._host = host
        self._server: asyncio.Server | None = None

    async def listen(self) -> int:
        """The port. It is closed when `wait` ends."""
        self._server = await asyncio.start_server(self._met, sock=_listening(self._host), limit=LONGEST_LINE)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def wait(self, seconds: float = OPEN_SECONDS) -> str:
        """The address of the machine that has the code now."""
        assert self._server, "it listens before it waits"
        try:
            async with asyncio.timeout(seconds):
                await self._over.wait()
        except TimeoutError:
            raise PairingFailed(f"No machine came with the PIN within {seconds:g} seconds. {AGAIN}") from None
        finally:
            self._over.set()
            self._server.close()
            await self._hang_up()
        if self._paired is None:
            raise PairingFailed(f"A wrong PIN came {TRIES} times, so this one is void. {AGAIN}")
        return self._paired

    async def _hang_up(self) -> None:
        for transport in self._talks.values():
            transport.abort()
        if self._talks:
            await asyncio.wait(self._talks)

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task, "the server makes one for each connection"
        self._talks[task] = writer.transport
        task.add_done_callback(self._talks.pop)
        try:
            async with asyncio.timeout(CONNECTION_SECONDS):
                await self._one_at_a_time(reader, writer)
                writer.close()
                await writer.wait_closed()
        except (OSError, ValueError):  # it left, hangs (TimeoutError), or says what no machine of ours says
            writer.transport.abort()
        if not self._busy and (self._paired or not self._tries):
            self._over.set()

    async def _one_at_a_time(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._busy or self._over.is_set() or self._paired or not self._tries:
            writer.write(_line(BUSY))
            return
        self._busy = True
        try:
            await self._exchange(reader, writer)
        finally:
            self._busy = False

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello, theirs = (await _heard(reader)).split(" ")
        if hello != HELLO:
            writer.write(_line(HELLO))
            return
        exchange = Exchange.of_host(self.pin)
        writer.write(_line(exchange.half))
        proof = await _heard(reader)
        # Nothing that was said so far tells anything of the PIN; from here on the answer does, even if it is none.
        self._tries -= 1
        begun = asyncio.get_running_loop().time()
        answer = self._judge(exchange, theirs, proof, _address(writer))
        await asyncio.sleep(begun + ANSWER_SECONDS - asyncio.get_running_loop().time())
        writer.write(_line(answer))
        await writer.drain()

    def _judge(self, exchange: Exchange, theirs: str, proof: str, address: str) -> str:
        try:
            keys = exchange.keys(theirs)
            if compare_digest(proof.encode(), keys.joining.encode()):
                self._paired = address
                return f"{keys.host} {keys.sealed(str(self._code))}"
        except ValueError:
            pass  # what is no half at all is as wrong as a half of another PIN
        self._say(f"The machine at {address} sent a wrong PIN; {_left(self._tries)}.")
        return f"{WRONG} {self._tries}"


async def receive(host: str, port: int, pin: str) -> Code:
    """The code of the swarm of the machine that waits there."""
    digits = _digits(pin)
    place = str(Endpoint(host, port))
    try:
        async with asyncio.timeout(CONNECTION_SECONDS):
            reader, writer = await asyncio.open_connection(host, port, limit=LONGEST_LINE)
    except OSError as error:
        raise NotReached(
            f"The machine at {place} cannot be reached ({error.strerror or 'no answer'}). See that `python main.py "
            "swarm pair` still waits there, and that no firewall is in between."
        ) from None
    try:
        async with asyncio.timeout(CONNECTION_SECONDS):
            return await _ask(reader, writer, digits, place)
    except OSError:
        raise PairingFailed(
            f"The machine at {place} hung up, or said nothing for too long. See that `python main.py swarm pair` still "
            "waits there, and try again."
        ) from None
    finally:
        writer.transport.abort()


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pin: str, place: str) -> Code:
    exchange = Exchange.of_joining(pin)
    writer.write(_line(f"{HELLO} {exchange.half}"))
    try:
        theirs = await _heard(reader)
        if theirs == BUSY:
            raise PairingFailed(f"The machine at {place} is pairing with another one now. Try again in some seconds.")
        keys = exchange.keys(theirs)
        writer.write(_line(keys.joining))
        first, second = (await _heard(reader)).split(" ")
        if first == WRONG:
            raise PairingFailed(_wrong(place, int(second)))
        if not compare_digest(first.encode(), keys.host.encode()):
            raise PairingFailed(f"The machine at {place} does not know this PIN: it is not the one that shows it.")
        return Code.parse(keys.opened(second))
    except (ValueError, InvalidTag, SettingError):
        raise PairingFailed(
            f"What listens at {place} does not pair as this version of Local Swarm does. See that the address is "
            "right, and that both machines have the same version."
        ) from None


def _address(writer: asyncio.StreamWriter) -> str:
    address: str = writer.get_extra_info("peername")[0]
    return address.removeprefix("::ffff:")  # IPv4 as a socket of both families tells it


def _wrong(place: str, left: int) -> str:
    again = "Look at it there, and try again" if left > 0 else AGAIN.rstrip(".")
    return f"The machine at {place} shows another PIN; {_left(left)}. {again}."


def _left(tries: int) -> str:
    return {0: "no try is left", 1: "one try is left"}.get(tries, f"{tries} tries are left")


def _digits(pin: str) -> str:
    digits = "".join(pin.split()).replace("-", "")
    if not (len(digits) == DIGITS and digits.isascii() and digits.isdigit()):
        raise SettingError(f"A PIN has {DIGITS} digits, and {pin!r} does not.", "pair")
    return digits


async def _heard(reader: asyncio.StreamReader) -> str:
    line = await reader.readline()
    if not line.endswith(b"\n"):
        raise ConnectionResetError
    return line.decode("ascii").strip()


def _line(text: str) -> bytes:
    return text.encode("ascii") + b"\n"


def _listening(host: str) -> socket.socket:
    """One port for both families where the system can do that."""
    if not host and socket.has_dualstack_ipv6():
        try:
            return socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True)
        except OSError:  # IPv6 is built in and switched off
            pass
    return socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
