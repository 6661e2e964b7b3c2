"""Who serves what: claims, and the rows of those who are gone."""

import dataclasses
import os
import time
from pathlib import Path

import pytest
from localswarm.state import State
from localswarm.state.budget import DoesNotFit
from localswarm.state.processes import Process, this_process
from localswarm.state.server import ServerState, Wanted
from localswarm.state.servers import Claimed, Running

GIB = 2**30
BUDGETS = {"ram": 8 * GIB, "cuda:0": 24 * GIB}
QWEN = Wanted(Path("/models/qwen.gguf"), "Qwen", 8192, 8, {"ram": GIB, "cuda:0": 20 * GIB}, "localhost", 17615)
LLAMA = Wanted(Path("/models/llama.gguf"), "Llama", 4096, 4, {"cuda:0": 5 * GIB})


def claim(state: State, wanted: Wanted = QWEN, process: Process | None = None) -> Claimed:
    answer = state.servers.claim(wanted, BUDGETS, process)
    assert isinstance(answer, Claimed)
    return answer


def test_a_claim_is_kept_until_it_is_released(state: State) -> None:
    before = time.time()
    claimed = claim(state)
    (server,) = state.servers.living()
    assert (server.id, server.process, server.state) == (claimed.id, this_process(), ServerState.STARTING)
    assert (server.model, server.name, server.promised) == (QWEN.model, "Qwen", QWEN.needs)
    assert before <= server.started_at <= server.heartbeat <= time.time()
    state.servers.release(claimed.id)
    assert state.servers.living() == []
    assert claim(state).id > claimed.id


def test_it_goes_through_its_states(state: State) -> None:
    id = claim(state, LLAMA).id
    assert state.servers.living()[0].url is None
    assert state.servers.update(id, ServerState.LOADING)
    assert state.servers.update(id, ServerState.READY, 40001)
    assert state.servers.living()[0].url == "http://localhost:40001"
    assert state.servers.update(id, ServerState.STOPPING)
    (server,) = state.servers.living()
    assert (server.state, server.port) == (ServerState.STOPPING, 40001)


def test_a_sign_of_life(state: State) -> None:
    id = claim(state).id
    before = state.servers.living()[0].heartbeat
    assert state.servers.beat(id)
    assert state.servers.living()[0].heartbeat > before


def test_a_claim_that_is_gone_says_so(state: State) -> None:
    id = claim(state).id
    state.servers.release(id)
    assert not state.servers.update(id, ServerState.READY)
    assert not state.servers.beat(id)


def test_a_running_server_is_reused(state: State) -> None:
    id = claim(state).id
    again = state.servers.claim(QWEN, BUDGETS)
    assert isinstance(again, Running) and again.server.id == id


def test_a_second_load_that_fits_is_given(state: State) -> None:
    claim(state, dataclasses.replace(QWEN, needs={"cuda:0": 19 * GIB}))
    claim(state, LLAMA)
    assert [server.name for server in state.servers.living()] == ["Qwen", "Llama"]


def test_a_second_load_that_does_not_fit_is_refused_and_changes_nothing(state: State) -> None:
    claim(state)
    before = state.servers.living()
    with pytest.raises(DoesNotFit, match=rf"Qwen \(http://localhost:17615, pid {os.getpid()}\) holds 20.00 GiB"):
        state.servers.claim(LLAMA, BUDGETS)
    assert state.servers.living() == before


GONE = {
    "no such process": dataclasses.replace(this_process(), pid=2**22 + 1),
    "its number was given again": dataclasses.replace(this_process(), started=this_process().started - 60),
    "before the machine was started again": dataclasses.replace(this_process(), boot="another"),
}


@pytest.mark.parametrize("state_then", ServerState)
@pytest.mark.parametrize("why", GONE)
def test_the_row_of_a_dead_process_is_taken_over(state: State, why: str, state_then: ServerState) -> None:
    id = claim(state, QWEN, GONE[why]).id
    state.servers.update(id, state_then)
    assert state.servers.living() == []
    claimed = claim(state, QWEN)
    assert [server.id for server in claimed.taken_over] == [id]
    assert [server.id for server in state.servers.living()] == [claimed.id]
    state.servers.release(claimed.id)
    assert claim(state, QWEN).taken_over == []


def test_a_file_name_that_is_not_text(state: State) -> None:
    name = os.fsdecode(b"/models/caf\xe9.gguf")
    claim(state, dataclasses.replace(LLAMA, model=Path(name), name=name))
    (server,) = state.servers.living()
    assert server.model == Path(name)
    assert server.name == "/models/caf?.gguf"
