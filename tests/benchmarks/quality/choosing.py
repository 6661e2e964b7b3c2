"""Ways to choose among the candidates of one pool, and what each gains over the greedy answer. Offline."""

import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..calling.items import IRRELEVANT, KINDS, Item, items
from .options import Option, options, trimmed

Row = dict[str, Any]
Pair = tuple[Item, Row]
# Five candidates each: prompt, temperature and which of its samples.
Taken = list[tuple[str, float, int]]
SETS: dict[str, Taken] = {
    "0.7": [("base", 0, 0), *[("base", 0.7, at) for at in range(4)]],
    "1.0": [("base", 0, 0), *[("base", 1.0, at) for at in range(4)]],
    "worded": [("base", 0, 0), ("hint", 0, 0), ("twice", 0, 0), ("base", 1.0, 0), ("base", 1.0, 1)],
    "worded+": [("base", 0, 0), ("hint", 0, 0), ("twice", 0, 0), ("hint", 0.7, 0), ("twice", 0.7, 0)],
    "forms": [("base", 0, 0), ("hint", 0, 0), ("twice", 0, 0), ("form", 0, 0), ("order", 0, 0)],
    "branched": [("base", 0, 0), *[("branch", 0, at) for at in range(4)]],
    "named": [("base", 0, 0), *[("name", 0, at) for at in range(2)], *[("branch", 0, at) for at in range(2)]],
    "named+": [("base", 0, 0), *[("name", 0, at) for at in range(3)], ("hint", 0, 0)],
    # For each kind what pays there: another tool where there are several, one more call where there may be.
    "tailored": [("base", 0, 0), *[("name", 0, at) for at in range(2)], *[("longer", 0, at) for at in range(2)]],
    "mixed": [("base", 0, 0), *[("branch", 0, at) for at in range(2)], *[("longer", 0, at) for at in range(2)]],
}


@dataclass(frozen=True, slots=True)
class Question:
    item: Item
    row: Row
    taken: list[Row]
    found: list[Option]

    @property
    def greedy(self) -> bool:
        return bool(self.taken[0]["right"])

    @property
    def possible(self) -> bool:
        return any(one["right"] for one in self.taken)


def development(name: str) -> bool:
    return zlib.crc32(name.encode()) % 2 == 0


def load(data: Path, *files: Path, most: int = 400) -> list[Pair]:
    asked = {item.id: item for kind in (*KINDS, "parallel_multiple", IRRELEVANT) for item in items(data, kind, most)}
    rows: dict[str, Row] = {}
    for file in files:
        for row in map(json.loads, file.read_text().splitlines()):
            rows[row["id"]] = _together(rows[row["id"]], row) if row["id"] in rows else row
    # Some were written for one kind of candidates alone.
    return [
        (asked[name], row) for name, row in rows.items() if any(answer["temperature"] for answer in row["candidates"])
    ]


def _together(one: Row, other: Row) -> Row:
    """Two pools of one question: of the second what the first has not, and its longer ones instead of the first's."""
    kept = [answer for answer in one["candidates"] if answer["prompt"] != "longer"]
    known = {(answer["prompt"], answer["temperature"]) for answer in kept}
    more = [answer for answer in other["candidates"] if (answer["prompt"], answer["temperature"]) not in known]
    said = {json.dumps(score["calls"]) for score in one["scores"]}
    scores = [score for score in other["scores"] if json.dumps(score["calls"]) not in said]
    return one | {"candidates": [*kept, *more], "scores": [*one["scores"], *scores]}


def taken(row: Row, wanted: Taken) -> list[Row]:
    """Where a pool has not all (one tool has no other order), further branches or samples stand in."""
    by: dict[tuple[str, float], list[Row]] = {}
    for one in row["candidates"]:
        if "free" not in one:
            by.setdefault((one["prompt"], one["temperature"]), []).append(one)
    asked = {(prompt, heat, at) for prompt, heat, at in wanted}
    spares = [
        one
        for key in (("branch", 0), ("hint", 0), ("twice", 0), ("base", 1.0), ("base", 0.7))
        for at, one in enumerate(by.get(key, []))
        if (*key, at) not in asked
    ]
    spare = iter(spares)
    return [
        found[at] if len(found := by.get((prompt, heat), [])) > at else next(spare, by[("base", 0)][0])
        for prompt, heat, at in wanted
    ]


def questions(pairs: list[Pair], wanted: Taken, trim: bool = False) -> list[Question]:
    found = []
    for item, row in pairs:
        if item.kind != IRRELEVANT:
            some = taken(row, wanted)
            if trim:
                some = [trimmed(item, one) for one in some]
            found.append(Question(item, row, some, options(item, row, some)))
    return found


def most_votes(found: list[Option]) -> Option:
    return max(found, key=lambda option: (option.votes, -option.first))


def most_likely(found: list[Option]) -> Option:
    return max(found, key=lambda option: option.likelihood)
