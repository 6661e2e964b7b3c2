"""The supervision itself, with a stand-in for vLLM behind it: real processes, real sockets, a real guard."""

import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import anyio
import anyio.to_thread
import psutil
import pytest
from localswarm.engines.vllm.command import Wish, variables
from localswarm.engines.vllm.parsers import Parsers
from localswarm.errors import EngineDied, ModelLoading, Unavailable
from localswarm.node.vllm import found, record
from localswarm.node.vllm.asked import ask, ask_now
from localswarm.node.vllm.ends import VllmFailed
from localswarm.node.vllm.server import VllmServer
from localswarm.node.vllm.start import Start, Timing
from localswarm.state import State
from localswarm.state.processes import look

from .standing import engines, install, is_gone, running, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="vLLM runs on Linux")
NAME = "Qwen/Qwen3-8B"
KEY = "key-of-a-test"
QUICK = Timing(look=0.05, watch=0.1, silence=1.5, first_pause=0.2, grace=1.0)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State(tmp_path) as opened:
        yield opened


@pytest.fixture
def start(tmp_path: Path) -> Start:
    program = install(tmp_path / "bin")
    wish = Wish(NAME, NAME, Parsers("hermes", "qwen3"), context=4096)
    return Start(str(program), wish, variables(dict(os.environ), KEY, "", False), KEY, tmp_path / "vllm.log")


def having(start: Start, **more: str) -> Start:
    """`seconds="2"` is the variable STAND_IN_SECONDS."""
    return replace(start, environment={**start.environment, **{f"STAND_IN_{k.upper()}": v for k, v in more.items()}})


@asynccontextmanager
async def served(server: VllmServer) -> AsyncIterator[VllmServer]:
    async with anyio.create_task_group() as group:
        group.start_soon(server.run)
        try:
            with anyio.fail_after(30):
                await server.first_ready()
            yield server
        finally:
            with anyio.CancelScope(shield=True):
                await server.close()
            group.cancel_scope.cancel()


async def failing(server: VllmServer) -> str:
    async with anyio.create_task_group() as group:
        group.start_soon(server.run)
        with anyio.fail_after(30):
            try:
                await server.first_ready()
            except VllmFailed as error:
                return error.message
            finally:
                group.cancel_scope.cancel()
    raise AssertionError("it did not fail")


def why(server: VllmServer) -> Unavailable:
    with pytest.raises(Unavailable) as caught:
        server.members()[0].served()
    return caught.value


async def happens(true: Callable[[], bool]) -> None:
    await anyio.to_thread.run_sync(until, true)


async def healthy(server: VllmServer) -> None:
    await happens(lambda: server.members()[0].name != f"{NAME} in vLLM")
    assert server.members()[0].served().id == NAME


def the_one(server: VllmServer) -> psutil.Process:
    (process,) = running(server.port)
    return process


async def test_from_its_start_to_its_stop(start: Start, state: State) -> None:
    told: list[tuple[float, str]] = []
    server = VllmServer(start, state, "node")
    server.on_progress = lambda part, words: told.append((part, words))
    async with served(server):
        process = the_one(server)
        words = process.cmdline()
        assert KEY not in " ".join(words) and process.environ()["VLLM_API_KEY"] == KEY
        listening = [one.laddr.ip for one in process.net_connections() if one.status == psutil.CONN_LISTEN]
        assert listening == ["127.0.0.1"]
        (member,) = server.members()
        found_here = member.served()
        assert (found_here.id, found_here.context, found_here.local) == (NAME, 4096, True)
        assert (await ask(server.base, "wrong")).status == 401
        kept = record.find(state)
        assert kept and (kept.process.pid, kept.port, kept.name) == (process.pid, server.port, NAME)
        beside = engines(process)
    assert told[-1] == (1.0, "ready") and (0.375, "loading the weights, 50 %") in told
    assert not list(running(server.port)) and all(map(is_gone, beside)) and not record.find(state)
    assert "Shutting down" in start.log.read_text()


async def test_while_it_loads_clients_are_told_how_far_it_is(start: Start, state: State) -> None:
    server = VllmServer(having(start, seconds="3"), state, "node", timing=QUICK)
    async with anyio.create_task_group() as group:
        group.start_soon(server.run)
        await happens(lambda: "loading the weights" in why(server).message)
        told = why(server)
        assert isinstance(told, ModelLoading) and NAME in told.message and told.model == NAME
        # Stopped in the middle of its start it leaves nothing behind.
        await server.close()
        group.cancel_scope.cancel()
    assert not list(running(server.port))


async def test_what_crashes_is_started_again_and_leaves_no_engine_behind(start: Start, state: State) -> None:
    async with served(VllmServer(start, state, "node", timing=QUICK)) as server:
        first = the_one(server)
        beside, port = engines(first), server.port
        first.kill()
        await happens(lambda: server.restarts == 1)
        told = why(server)
        assert isinstance(told, EngineDied | ModelLoading)
        assert isinstance(told, ModelLoading) or "killed by signal 9" in told.message
        await healthy(server)
        assert server.port == port and the_one(server).pid != first.pid
        assert beside and all(map(is_gone, beside))
    assert not list(running(port))


async def test_what_does_not_answer_is_started_again(start: Start, state: State) -> None:
    async with served(VllmServer(start, state, "node", timing=QUICK)) as server:
        first = the_one(server)
        first.send_signal(signal.SIGSTOP)
        await happens(lambda: server.restarts == 1)
        await healthy(server)
        assert the_one(server).pid != first.pid


async def test_what_does_not_listen_to_sigint_is_killed(start: Start, state: State) -> None:
    async with served(VllmServer(having(start, stubborn="1"), state, "node", timing=QUICK)) as server:
        pass
    assert "Not now." in start.log.read_text() and not list(running(server.port))


async def test_a_guard_that_is_killed_leaves_nothing_behind(start: Start, state: State) -> None:
    async with served(VllmServer(start, state, "node", timing=QUICK)) as server:
        first = the_one(server)
        guard = first.parent()
        assert guard and "localswarm.node.vllm.guard" in guard.cmdline()
        guard.kill()
        await happens(lambda: is_gone(first))
        await healthy(server)


@pytest.mark.parametrize(
    ("more", "model", "words"),
    [
        ({"fails": "ValueError: No available memory for the cache blocks."}, NAME,
         ["could not be started with", "ended with code 1", "It said: ValueError: No available memory", "smaller model",
          "vllm.log"]),
        ({"fails": "torch.OutOfMemoryError: CUDA out of memory."}, NAME, ["CUDA out of memory"]),
        ({}, "someone/no-such-model", ["is not a valid model identifier", "ORG/NAME?"]),
    ],
)  # fmt: skip
async def test_a_start_that_fails_says_why(
    start: Start, state: State, more: dict[str, str], model: str, words: list[str]
) -> None:
    start = replace(having(start, **more), wish=replace(start.wish, model=model))
    said = await failing(VllmServer(start, state, "node", timing=QUICK))
    assert all(word in said for word in words), said
    assert said.count("\n") == 0 and "See root cause above" not in said


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"context": 100_000}, "--context 32560"),
        ({"parsers": Parsers("qwen9")}, "invalid tool call parser: qwen9"),
        ({"more": ("--fast",)}, "unrecognized arguments: --fast"),
    ],
)
async def test_what_it_does_not_take(start: Start, state: State, more: dict[str, object], words: str) -> None:
    wish = replace(start.wish, **more)  # type: ignore[arg-type]
    assert words in await failing(VllmServer(replace(start, wish=wish), state, "node", timing=QUICK))


async def test_a_program_that_cannot_be_run(start: Start, state: State, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("not a program")
    said = await failing(VllmServer(replace(start, executable=str(broken)), state, "node", timing=QUICK))
    assert "cannot be run (Permission denied)" in said


@contextmanager
def taken() -> Iterator[int]:
    with closing(socket.create_server(("127.0.0.1", 0))) as held:
        yield held.getsockname()[1]


async def test_a_port_that_was_free_and_is_taken(start: Start, state: State) -> None:
    with taken() as port:
        server = VllmServer(start, state, "node", timing=QUICK)
        server.port = port
        async with served(server):
            assert server.port != port
        said = await failing(VllmServer(replace(start, port=port), state, "node", timing=QUICK))
    assert f"could not listen on port {port}" in said and "--vllm-port N" in said


async def test_a_former_one_is_taken_over_or_stopped(start: Start, state: State) -> None:
    """Its node and its guard were killed at once."""
    async with left_behind(start, state) as (process, kept):
        words = start.words
        assert await anyio.to_thread.run_sync(found.former, state, words, NAME, KEY) == kept
        async with served(VllmServer(start, state, "node", kept, QUICK)) as server:
            assert the_one(server).pid == process.pid and server.taken_over
            assert server.members()[0].served().id == NAME
        assert is_gone(process)
    async with left_behind(start, state) as (process, kept):
        # Another context is wanted now.
        assert await anyio.to_thread.run_sync(found.former, state, (*words, "--more"), NAME, KEY) is None
        assert is_gone(process)


@asynccontextmanager
async def left_behind(start: Start, state: State) -> AsyncIterator[tuple[psutil.Process, record.Record]]:
    words = [start.executable, "serve", NAME, "--host", "127.0.0.1", "--port", "0", "--served-model-name", NAME]
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    words[words.index("0")] = str(port)
    popen = psutil.Popen(words, env=dict(start.environment), start_new_session=True)
    try:
        await happens(lambda: ask_now(record.base_of(port), KEY).healthy)
        process = look(popen.pid)
        assert process
        gone = replace(process, pid=2**22 + 1)
        kept = record.Record(process, gone, port, NAME, start.words)
        record.keep(state, kept)
        yield psutil.Process(popen.pid), kept
    finally:
        with suppress(ProcessLookupError):
            os.killpg(popen.pid, signal.SIGKILL)
        popen.wait()


def test_a_number_that_is_another_process_by_now_is_left_alone(start: Start, state: State) -> None:
    """The pid was given again: to this very process."""
    mine = look(os.getpid())
    assert mine
    former = record.Record(replace(mine, started=mine.started - 100), replace(mine, pid=2**22 + 1), 1, NAME, ())
    record.keep(state, former)
    assert record.find(state) is None and found.former(state, (), NAME, KEY) is None
    found.stop(former, grace=0.1)
