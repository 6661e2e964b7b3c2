"""Several processes and threads on one state folder."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from localswarm.state import State
from localswarm.state.server import Wanted
from localswarm.state.servers import Claimed, Running

ROOT = Path(__file__).parents[2]
MANY = 8


class Claimer:
    def __init__(self, folder: Path, model: str, need: int) -> None:
        command = [sys.executable, "-m", "tests.state.claimer", str(folder), model, str(need)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def go(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("\n")

    def said(self) -> Any:
        assert self.process.stdout
        return json.loads(self.process.stdout.readline())


@contextmanager
def claimers(folder: Path, models: list[str], need: int = 6) -> Iterator[list[Claimer]]:
    started = [Claimer(folder, model, need) for model in models]
    try:
        assert [each.said() for each in started] == ["loaded"] * len(started)
        yield started
    finally:
        for each in started:
            each.process.kill()
            each.process.communicate()


def all_go(each: list[Claimer]) -> list[Any]:
    for claimer in each:
        claimer.go()
    return [claimer.said() for claimer in each]


def test_eight_want_the_same_model_and_exactly_one_gets_it(tmp_path: Path) -> None:
    with claimers(tmp_path / "state", ["/a.gguf"] * MANY) as started:
        assert all_go(started) == [{"notice": None}] * MANY
        answers = all_go(started)
        (winner,) = (each for each, answer in zip(started, answers, strict=True) if "claimed" in answer)
        assert sorted(answer.get("running", 0) for answer in answers) == [0] + [winner.process.pid] * (MANY - 1)


def test_eight_want_different_models_and_only_one_fits(tmp_path: Path) -> None:
    with claimers(tmp_path / "state", [f"/{number}.gguf" for number in range(MANY)]) as started:
        all_go(started)
        answers = all_go(started)
        (winner,) = (each for each, answer in zip(started, answers, strict=True) if "claimed" in answer)
        refusals = [answer["refused"] for answer in answers if "refused" in answer]
        assert len(refusals) == MANY - 1
        assert all(f"kill {winner.process.pid}" in refusal for refusal in refusals)


def test_what_a_killed_process_held_is_free_at_once_though_nobody_buried_it(tmp_path: Path, state: State) -> None:
    with claimers(tmp_path / "state", ["/a.gguf"]) as (claimer,):
        all_go([claimer])
        assert "claimed" in all_go([claimer])[0]
        (server,) = state.servers.living()
        assert (server.process.pid, server.state) == (claimer.process.pid, "starting")
        claimer.process.kill()
        wait_for_death(claimer.process.pid)
        assert state.servers.living() == []
        answer = state.servers.claim(Wanted(Path("/b.gguf"), "b", 4096, 8, {"ram": 9}), {"ram": 10})
        assert isinstance(answer, Claimed) and answer.taken_over == [server]


def wait_for_death(pid: int) -> None:
    while psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        pass


def test_eight_open_a_damaged_state_and_it_is_put_aside_once(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    State(folder).close()
    (folder / "state.db").write_bytes(b"no database at all" * 1000)
    with claimers(folder, ["/a.gguf"] * MANY) as started:
        notices = [answer["notice"] for answer in all_go(started) if answer["notice"]]
        assert len(notices) == 1 and "was damaged" in notices[0]
        assert len(list(folder.glob("*damaged*"))) == 1
        assert sum("claimed" in answer for answer in all_go(started)) == 1


class SlowBudgets(dict[str, int]):
    """Leaves time for a second claim between the look at what is held and the decision."""

    def get(self, device: str, default: Any = None) -> Any:
        time.sleep(0.2)
        return super().get(device, default)


def test_nobody_claims_between_the_look_and_the_decision(state: State) -> None:
    answers: list[Claimed | Running] = []

    def work() -> None:
        with State(state.file.parent) as mine:
            wanted = Wanted(Path("/a.gguf"), "a", 4096, 8, {"ram": 6})
            answers.append(mine.servers.claim(wanted, SlowBudgets(ram=10)))

    in_threads([work, work])
    assert {type(answer) for answer in answers} == {Claimed, Running}


def in_threads(work: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=each) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("shared", [True, False])
def test_threads(state: State, shared: bool) -> None:
    answers: list[str] = []

    def work(name: str) -> None:
        with nullcontext(state) if shared else State(state.file.parent) as mine:
            answer = mine.servers.claim(Wanted(Path("/a.gguf"), "a", 4096, 8, {"ram": 6}), {"ram": 10})
            answers.append(type(answer).__name__)
            for number in range(50):
                mine.facts.remember(name, str(number), number)

    in_threads([partial(work, str(number)) for number in range(MANY)])
    assert sorted(answers) == ["Claimed"] + ["Running"] * (MANY - 1)
    assert all(state.facts.find(str(name), str(number)) for name in range(MANY) for number in range(50))
