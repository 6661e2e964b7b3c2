"""Reuse, room, and what is said when there is none."""

import dataclasses
from pathlib import Path

import pytest
from localswarm.state.budget import AlreadyRunning, DoesNotFit, check_room, reusable
from localswarm.state.processes import Process
from localswarm.state.server import Server, ServerState, Wanted

GIB = 2**30
WANTED = Wanted(Path("/a.gguf"), "A", 4096, 4, {"ram": 4 * GIB})
RUNNING = Server(
    7, Process(123, "", 1.0), "localhost", 17615, ServerState.READY, Path("/a.gguf"), "A", 4096, 4, 0, 0, {"ram": GIB}
)


def changed(**changes: object) -> Server:
    return dataclasses.replace(RUNNING, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("changes", [{}, {"context": 8192}, {"seats": 8}, {"state": ServerState.STARTING}])
def test_a_server_that_offers_as_much_is_reused(changes: dict[str, object]) -> None:
    assert reusable(WANTED, [changed(**changes)]) == changed(**changes)


@pytest.mark.parametrize(
    "changes", [{"context": 2048}, {"seats": 2}, {"state": ServerState.STOPPING}, {"model": Path("/b.gguf")}]
)
def test_a_server_that_does_not_is_not(changes: dict[str, object]) -> None:
    assert reusable(WANTED, [changed(**changes)]) is None


def test_the_one_that_is_ready_is_reused_first() -> None:
    assert reusable(WANTED, [changed(id=1, state=ServerState.LOADING), RUNNING, changed(id=9)]) == RUNNING


def test_room_to_the_last_byte() -> None:
    check_room(WANTED, {"ram": 5 * GIB}, [RUNNING])
    with pytest.raises(DoesNotFit):
        check_room(WANTED, {"ram": 5 * GIB - 1}, [RUNNING])


def test_every_device_counts_and_one_without_a_budget_has_no_room() -> None:
    both = dataclasses.replace(WANTED, needs={"ram": 1, "cuda:0": 1})
    check_room(both, {"ram": 1, "cuda:0": 1}, [])
    with pytest.raises(DoesNotFit, match="memory on cuda:0"):
        check_room(both, {"ram": 1}, [])


def refusal(budget: int, living: list[Server]) -> str:
    with pytest.raises(DoesNotFit) as refused:
        check_room(WANTED, {"ram": budget}, living)
    return refused.value.message


def test_who_holds_the_room_is_named_and_how_to_end_it() -> None:
    other = changed(process=Process(456, "", 1.0), name="B", port=0, promised={"ram": 2 * GIB})
    assert refusal(6 * GIB, [RUNNING, other]) == (
        "A needs 4.00 GiB of memory, and of the 6.00 GiB that models may use 3.00 GiB are left: "
        "A (http://localhost:17615, pid 123) holds 1.00 GiB, B (pid 456) holds 2.00 GiB. Stop one with: kill 456"
    )


def test_what_would_not_fit_alone_is_told_to_be_smaller() -> None:
    assert refusal(3 * GIB, [RUNNING]) == (
        "A needs 4.00 GiB of memory, and models may use 3.00 GiB of it on this machine. "
        "Take a smaller model, or a shorter context: --context 2048"
    )


@pytest.mark.parametrize(
    "server, message",
    [
        (
            RUNNING,
            "A is already running at http://localhost:17615 (pid 123): "
            "use that one, or start another with --port 17616 --state-dir FOLDER",
        ),
        (
            changed(state=ServerState.LOADING, port=0),
            "A is already being started (pid 123): use that one, or start another with --port N --state-dir FOLDER",
        ),
    ],
)
def test_already_running(server: Server, message: str) -> None:
    assert AlreadyRunning(server).message == message


@pytest.mark.parametrize(
    "host, url",
    [
        ("0.0.0.0", "http://localhost:17615"),
        ("::", "http://localhost:17615"),
        ("192.168.1.5", "http://192.168.1.5:17615"),
        ("fe80::1", "http://[fe80::1]:17615"),
    ],
)
def test_the_address_of_a_server(host: str, url: str) -> None:
    assert changed(host=host).url == url
