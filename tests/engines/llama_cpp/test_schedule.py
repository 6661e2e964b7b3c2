"""Schedule and cells driven hard over a memory that checks every copy and every cell."""

import random
from typing import Any

import numpy as np
import pytest
from localswarm.chat import Sampling
from localswarm.engines.base import Job
from localswarm.engines.llama_cpp.cells import Cells
from localswarm.engines.llama_cpp.shelf import Parcel, Shelf
from localswarm.engines.pace import Pace
from localswarm.engines.schedule import Schedule
from localswarm.engines.sequence import Sequence

POOL, SEATS, IDS = 200, 4, 9
SHELF = 4 * 500  # bytes: four for each cell


class CheckedMemory:
    """Cells as objects: a copy shares them, so the number of distinct ones is what llama.cpp would need."""

    def __init__(self, cuttable: bool) -> None:
        self.cuttable = cuttable
        self.window = 0
        self.sequences: dict[int, list[list[int]]] = {}

    def copy(self, source: int, target: int, begin: int, end: int) -> None:
        assert self.cuttable or (begin == 0 and end == -1)
        cells = self.sequences[source]
        end = len(cells) if end == -1 else end
        assert end <= len(cells), "copied more than there is"
        old = self.sequences.setdefault(target, [])
        if begin < len(old):
            assert all(cell is None for cell in old[begin:end]), "copied over cells that were not removed"
            old[begin:end] = cells[begin:end]
        else:
            assert begin == len(old)
            old.extend(cells[begin:end])

    def remove(self, seq: int, begin: int, end: int) -> bool:
        cells = self.sequences.get(seq, [])
        if begin == -1:
            self.sequences.pop(seq, None)
            return True
        if not self.cuttable:
            return False
        if end == -1:
            del cells[begin:]
        else:
            cells[begin:end] = [None] * (end - begin)  # type: ignore[list-item]
        return True

    def whole(self, seq: int, length: int) -> bool:
        return len(self.sequences[seq]) == length if length else True

    def intact(self, seq: int, length: int) -> bool:
        return seq in self.sequences

    def size(self, seq: int) -> int:
        return len(self.sequences[seq])

    def save(self, seq: int) -> Any:
        return np.array([cell[0] for cell in self.sequences[seq]], np.int32)

    def restore(self, seq: int, data: Any) -> bool:
        assert not self.sequences.get(seq)
        self.sequences[seq] = [[int(token)] for token in data]
        return True

    def write(self, sequence: Sequence, count: int) -> None:
        cells = self.sequences.setdefault(sequence.seq, [])
        assert len(cells) == sequence.read
        cells.extend([token] for token in sequence.tokens[sequence.read : sequence.read + count])

    @property
    def distinct(self) -> int:
        return len({id(cell) for cells in self.sequences.values() for cell in cells})


class Simulation:
    def __init__(self, cuttable: bool, seed: int) -> None:
        self.random = random.Random(seed)
        self.memory = CheckedMemory(cuttable)
        self.shelf = Shelf(SHELF)
        self.cells = Cells(self.memory, POOL, IDS, self.shelf, patience=40)
        self.schedule = Schedule(self.cells, SEATS, Pace(64), cuttable)
        self.born = 0
        self.finished = 0
        self.read = 0

    def arrive(self, candidates: int = 1, limit: int = 20, tokens: list[int] | None = None) -> Job:
        prompt = tokens or self.prompt()
        job = Job(f"j{self.born}", tuple(prompt), candidates, Sampling())
        for candidate in range(candidates):
            self.schedule.waiting.append(Sequence(job, candidate, None, limit, self.born))  # type: ignore[arg-type]
            self.born += 1
        return job

    def prompt(self) -> list[int]:
        head = [[1] * 70, [1] * 30 + [2] * 50, [3] * 10, []][self.random.randrange(4)]
        return head + [self.random.randrange(4, 9) for _ in range(self.random.randrange(1, 60))]

    def step(self) -> None:
        turns = self.schedule.next()
        self.cells.make_way(sum(turn.count for turn in turns))
        for turn in turns:
            self.memory.write(turn.sequence, turn.count)
            turn.sequence.read += turn.count
            self.read += turn.count
            self.cells.publish(turn.sequence)
            if not self.memory.cuttable and turn.sequence.read in turn.sequence.marks:
                self.cells.snapshot(turn.sequence)
        self.check()
        for turn in turns:
            if turn.sequence.unread == 0:
                self.write(turn.sequence)
        self.check()

    def write(self, sequence: Sequence) -> None:
        sequence.tokens.append(self.random.randrange(10, 20))
        if sequence.written >= sequence.limit:
            self.schedule.remove(sequence)
            self.finished += 1

    def check(self) -> None:
        for sequence in self.schedule.running:
            held = [cell[0] for cell in self.memory.sequences.get(sequence.seq, [])]
            assert held == sequence.tokens[: sequence.read], "a sequence's memory is not its text"
        assert len(self.schedule.running) <= SEATS
        if self.memory.cuttable:
            assert self.memory.distinct == self.cells.used <= POOL
        assert self.shelf.used <= SHELF

    def run_out(self) -> None:
        for _ in range(20_000):
            if not (self.schedule.waiting or self.schedule.running):
                return
            self.step()
        raise AssertionError("it does not come to an end")


@pytest.mark.parametrize("cuttable", [True, False])
@pytest.mark.parametrize("seed", range(20))
def test_a_crowd_comes_goes_and_is_served(cuttable: bool, seed: int) -> None:
    simulation = Simulation(cuttable, seed)
    arrived = cancelled = 0
    for _ in range(400):
        if simulation.random.random() < 0.15:
            count = simulation.random.choice([1, 1, 1, 3, 6])
            simulation.arrive(count, simulation.random.randrange(1, 40))
            arrived += count
        if simulation.random.random() < 0.03 and (everybody := [*simulation.schedule.running]):
            for sequence in simulation.schedule.of(simulation.random.choice(everybody).job.id):
                simulation.schedule.remove(sequence)
                cancelled += 1
        simulation.step()
    simulation.run_out()
    assert simulation.finished == arrived - cancelled
    assert simulation.cells.owned == 0


def test_candidates_share_one_reading_of_their_prompt() -> None:
    simulation = Simulation(True, 0)
    simulation.arrive(candidates=4, tokens=list(range(100)), limit=1)
    simulation.run_out()
    assert simulation.read == 100 + 3


def test_requests_with_the_same_new_beginning_wait_for_one_reading() -> None:
    simulation = Simulation(True, 0)
    for tail in range(3):
        simulation.arrive(tokens=[*range(100), 200 + tail], limit=1)
    simulation.run_out()
    assert simulation.read == 101 + 2


@pytest.mark.parametrize("cuttable", [True, False])
def test_a_second_turn_reads_only_what_is_new(cuttable: bool) -> None:
    simulation = Simulation(cuttable, 0)
    first = simulation.arrive(tokens=list(range(50)), limit=3)
    sequence = simulation.schedule.waiting[0]
    simulation.run_out()
    before = simulation.read
    simulation.arrive(tokens=[*first.tokens, *sequence.tokens[50:53], 7, 8], limit=1)
    simulation.run_out()
    assert simulation.read - before == 3


def test_the_oldest_is_never_the_one_to_give_way() -> None:
    simulation = Simulation(True, 0)
    for start in (100, 300, 500):
        simulation.arrive(tokens=list(range(start, start + 60)), limit=130)
    oldest = simulation.schedule.waiting[0]
    while oldest.written < 129:
        simulation.step()
        assert oldest in simulation.schedule.running
    simulation.run_out()


def test_what_lies_idle_while_others_write_goes_to_the_shelf_and_comes_back() -> None:
    simulation = Simulation(True, 0)
    first = simulation.arrive(tokens=list(range(60)), limit=1)
    simulation.run_out()
    simulation.arrive(tokens=list(range(100, 110)), limit=100)
    simulation.run_out()
    assert len(simulation.shelf) == 1 and simulation.memory.distinct == simulation.cells.used <= 110
    before = simulation.read
    simulation.arrive(tokens=[*first.tokens, 7, 8], limit=1)
    simulation.run_out()
    assert simulation.read - before == 2
    assert len(simulation.shelf) == 0


def test_a_long_conversation_is_not_fetched_for_its_first_words() -> None:
    simulation = Simulation(True, 0)
    simulation.arrive(tokens=list(range(120)), limit=1)
    simulation.run_out()
    simulation.arrive(tokens=list(range(200, 210)), limit=100)
    simulation.run_out()
    simulation.arrive(tokens=[*range(12), 300], limit=1)
    simulation.run_out()
    assert len(simulation.shelf) == 1


def test_a_full_shelf_loses_what_was_used_longest_ago() -> None:
    shelf = Shelf(40)
    parcels = [Parcel([i, *range(9)], np.zeros(5, np.int32)) for i in range(3)]
    for parcel in parcels:
        shelf.put(parcel)
    assert [shelf.longest(parcel.tokens)[0] for parcel in parcels] == [0, 10, 10]
    assert shelf.used == 40 and not shelf.takes(41)


def test_what_a_longer_parcel_covers_is_dropped() -> None:
    shelf = Shelf(1000)
    shelf.put(Parcel([1, 2], np.zeros(5, np.int32)))
    shelf.put(Parcel([1, 2, 3], np.zeros(5, np.int32)))
    assert (len(shelf), shelf.used) == (1, 20)
