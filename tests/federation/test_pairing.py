"""A PIN carries the code to another machine, over real sockets."""

import asyncio
import contextlib

import pytest
from localswarm.errors import SettingError
from localswarm.federation import pairing
from localswarm.federation.code import Code
from localswarm.federation.pairing import HELLO, NotReached, PairingFailed, PairingHost, receive
from localswarm.federation.pin import Exchange

from .listening import connected, listening, relaying

CODE = Code(12345)


class Waiting:
    """A host that waits, and what it said."""

    def __init__(self, seconds: float = 20.0) -> None:
        self.said: list[str] = []
        self.host = PairingHost(CODE, self.said.append)
        self.seconds = seconds
        self.port = 0

    async def __aenter__(self) -> "Waiting":
        self.port = await self.host.listen()
        self.end = asyncio.create_task(self.host.wait(self.seconds))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.end.cancel()
        with contextlib.suppress(asyncio.CancelledError, PairingFailed):
            await self.end

    @property
    def wrong(self) -> str:
        return f"{(int(self.host.pin) + 1) % 1_000_000:06}"

    async def try_wrong(self) -> str:
        with pytest.raises(PairingFailed) as raised:
            await receive("127.0.0.1", self.port, self.wrong)
        return raised.value.message


async def say(port: int, *lines: bytes) -> bytes:
    """What a client hears that says these lines and listens to what comes."""
    heard = b""
    async with connected(port) as (reader, writer):
        with contextlib.suppress(OSError):
            for line in lines:
                writer.write(line)
                heard += await reader.readline()
    return heard


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
async def test_the_right_pin_brings_the_code(address: str) -> None:
    async with Waiting() as waiting:
        assert await receive(address, waiting.port, f" {waiting.host.pin[:3]} {waiting.host.pin[3:]}") == CODE
        assert await waiting.end == address
        assert waiting.said == []


async def test_it_is_given_once() -> None:
    async with Waiting() as waiting:
        await receive("127.0.0.1", waiting.port, waiting.host.pin)
        await waiting.end
        with pytest.raises(PairingFailed, match="cannot be reached"):
            await receive("127.0.0.1", waiting.port, waiting.host.pin)


async def test_there_are_three_tries() -> None:
    async with Waiting() as waiting:
        assert "2 tries are left. Look at it there" in await waiting.try_wrong()
        assert "one try is left" in await waiting.try_wrong()
        assert "no try is left. Start `python main.py swarm pair`" in await waiting.try_wrong()
        with pytest.raises(PairingFailed, match="wrong PIN came 3 times"):
            await waiting.end
        assert waiting.said[0] == "The machine at 127.0.0.1 sent a wrong PIN; 2 tries are left."
        with pytest.raises(PairingFailed):
            await receive("127.0.0.1", waiting.port, waiting.host.pin)


async def test_the_last_try_may_be_right() -> None:
    async with Waiting() as waiting:
        await waiting.try_wrong()
        await waiting.try_wrong()
        assert await receive("127.0.0.1", waiting.port, waiting.host.pin) == CODE


async def test_it_does_not_wait_for_ever() -> None:
    async with Waiting(seconds=0.2) as waiting:
        with pytest.raises(PairingFailed, match=r"within 0\.2 seconds"):
            await waiting.end


RUBBISH = [
    b"\n",
    b"GET / HTTP/1.1\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\n",
    b"localswarm-pair-2 00\n",
    b"A" * 10_000 + b"\n",
    HELLO.encode() + b"\n",
]


@pytest.mark.parametrize("line", RUBBISH, ids=range(len(RUBBISH)))
async def test_rubbish_costs_no_try(line: bytes) -> None:
    async with Waiting() as waiting:
        assert await say(waiting.port, line) in (b"", f"{HELLO}\n".encode())
        assert waiting.said == []
        assert await receive("127.0.0.1", waiting.port, waiting.host.pin) == CODE


async def test_whoever_leaves_before_the_proof_has_learnt_nothing_and_pays_nothing() -> None:
    async with Waiting() as waiting:
        for _ in range(5):
            half = Exchange.of_joining(waiting.wrong).half
            assert len(await say(waiting.port, f"{HELLO} {half}\n".encode())) == 67
        assert waiting.said == []
        assert await receive("127.0.0.1", waiting.port, waiting.host.pin) == CODE


# The last one is the neutral element of the curve, and 2 is no point of it.
HALVES = ["00", "zz", "ff" * 33, "41" + "00" * 32, "41" + "02" + "00" * 31, "41" + "ff" * 32, "41" + "01" + "00" * 31]


@pytest.mark.parametrize("half", HALVES, ids=range(len(HALVES)))
@pytest.mark.parametrize("proof", ["", "00" * 32])
async def test_a_half_or_a_proof_that_is_none_costs_a_try(half: str, proof: str) -> None:
    async with Waiting() as waiting:
        await say(waiting.port, f"{HELLO} {half}\n".encode(), f"{proof}\n".encode())
        assert "one try is left" in await waiting.try_wrong()


async def test_the_answer_tells_nothing_by_its_time() -> None:
    async with Waiting() as waiting:
        clock = asyncio.get_running_loop().time
        times = []
        for _ in range(2):
            begun = clock()
            await waiting.try_wrong()
            times.append(clock() - begun)
        assert min(times) >= pairing.ANSWER_SECONDS


async def test_a_connection_that_hangs_is_cut_and_costs_no_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairing, "CONNECTION_SECONDS", 0.5)
    async with Waiting() as waiting:
        async with connected(waiting.port) as (reader, _):
            await asyncio.sleep(0.05)
            with pytest.raises(PairingFailed, match="pairing with another one"):
                await receive("127.0.0.1", waiting.port, waiting.host.pin)
            assert await reader.read() == b""
        monkeypatch.undo()
        assert await receive("127.0.0.1", waiting.port, waiting.host.pin) == CODE
        assert waiting.said == []


async def test_many_tries_at_once_are_three() -> None:
    async with Waiting() as waiting:
        guesses = [receive("127.0.0.1", waiting.port, waiting.wrong) for _ in range(20)]
        failures = await asyncio.gather(*guesses, return_exceptions=True)
        assert all(isinstance(failure, PairingFailed) for failure in failures)
        assert len(waiting.said) <= 3


async def test_what_passes_on_the_wire_is_not_the_code() -> None:
    seen: list[bytes] = []

    async with Waiting() as waiting, listening(relaying(waiting.port, seen, seen)) as port:
        assert await receive("127.0.0.1", port, waiting.host.pin) == CODE
    heard = b"".join(seen)
    assert len(heard) > 300
    for form in (str(CODE).encode(), str(CODE).encode().hex().encode(), waiting.host.pin.encode() + b"\n"):
        assert form not in heard


HALF = Exchange.of_host("000000").half.encode()
ANSWERS = {
    "nothing": ([], "hung up"),
    "rubbish": ([b"HTTP/1.1 400 Bad Request\n"], "same version"),
    "another version": ([b"localswarm-pair-9\n"], "same version"),
    "no end": ([b"A" * 5000], "same version"),
    "no point": ([b"42" + b"02" + b"00" * 31 + b"\n"], "same version"),
    "half a half": ([HALF[:-2] + b"\n"], "same version"),
    "no proof": ([HALF + b"\n"], "hung up"),
    "one word": ([HALF + b"\n", b"yes\n"], "same version"),
    "a wrong proof": ([HALF + b"\n", b"00 00\n"], "does not know this PIN"),
    "an odd count": ([HALF + b"\n", b"wrong many\n"], "same version"),
}


@pytest.mark.parametrize("answer", ANSWERS)
async def test_a_machine_that_only_says_it_is_the_host_gets_nothing(answer: str) -> None:
    lines, said = ANSWERS[answer]

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for line in lines:
            await reader.readline()
            writer.write(line)

    async with listening(talk) as port:
        with pytest.raises(PairingFailed, match=said):
            await receive("127.0.0.1", port, "123456")


async def test_a_machine_that_never_answers_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairing, "CONNECTION_SECONDS", 0.2)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with listening(silent) as port:
        with pytest.raises(PairingFailed, match="said nothing for too long"):
            await receive("127.0.0.1", port, "123456")


async def test_nobody_there_is_said() -> None:
    async with Waiting() as waiting:
        port = waiting.port
        await asyncio.sleep(0)
    with pytest.raises(NotReached, match=f"127.0.0.1:{port} cannot be reached .*firewall"):
        await receive("127.0.0.1", port, "123456")


@pytest.mark.parametrize("pin", ["", "12345", "1234567", "12345a", "\u0661\u0662\u0663\u0664\u0665\u0666"])
async def test_what_is_no_pin_is_not_sent(pin: str) -> None:
    with pytest.raises(SettingError, match="6 digits"):
        await receive("127.0.0.1", 1, pin)
