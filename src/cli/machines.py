"""The machines of a swarm in words, from what a node tells of them. Pure.

What comes from other machines may hold anything: it is cut, and marks that a terminal obeys are taken out.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .table import table

HEADS = ("machine", "state", "model", "context", "tokens/s", "load", "latency", "up", "version", "hardware")
LONGEST = 40
LONGEST_SENTENCE = 300
LONGEST_PLACE = 100
MINUTE, HOUR, DAY = 60, 3600, 86400
Facts = Mapping[str, Any]


def in_words(found: Facts, now: float) -> str:
    """Empty where there is nothing beside the node itself."""
    peers, strangers = several(found.get("peers")), several(found.get("strangers"))
    parts = []
    if peers:
        node = found.get("node")
        own = [_row(node, now, "this machine")] if isinstance(node, dict) else []
        parts.append(table(HEADS, [*own, *(_row(peer, now) for peer in peers)]))
    remarks = [*_wrong(peers, now), *map(_stranger, strangers), *_notes(found.get("notes"))]
    parts += ["\n".join(remarks)] if remarks else []
    return "\n\n".join(_indented(part) for part in parts)


def tools(host: Facts) -> str:
    """Those that models of a node use, and where."""
    where, trouble = clean(host.get("where"), LONGEST_PLACE), clean(host.get("trouble"), LONGEST_SENTENCE)
    if trouble:
        return f"none now: {trouble}"
    return f"{', '.join(map(clean, _several_texts(host.get('tools')))) or 'none'}, of {where or '-'}"


def _row(one: Facts, now: float, latency: str = "") -> tuple[str, ...]:
    speed, delay = one.get("tokens_per_second"), one.get("latency_ms")
    return (
        name(one),
        clean(one.get("state")),
        clean(one.get("model")) or "-",
        f"{one['context'] // 1024}k" if isinstance(one.get("context"), int) else "-",
        f"{speed:.0f}" if isinstance(speed, int | float) else "-",
        _load(one.get("load")),
        latency or (f"{delay:.1f} ms" if isinstance(delay, int | float) else "-"),
        ago(one.get("started"), now) or "-",
        clean(one.get("version")) or "-",
        clean(one.get("hardware"), 60) or "-",
    )


def name(one: Facts) -> str:
    """As people know it; the id where it has no name."""
    return clean(one.get("name")) or clean(one.get("id")) or "-"


def _load(load: Any) -> str:
    if not isinstance(load, dict):
        return "-"
    running, waiting = load.get("running", 0), load.get("waiting", 0)
    return f"{running} + {waiting} waiting" if waiting else f"{running}"


def _wrong(peers: Sequence[Facts], now: float) -> Iterator[str]:
    for peer in peers:
        since = ago(peer.get("since"), now)
        if said := clean(peer.get("trouble"), LONGEST_SENTENCE):
            # Who is switched off for the night is away, and nothing is wrong.
            label = "away" if peer.get("state") == "gone" else "wrong"
            yield f"{label:<12}{name(peer)}{f', for {since}' if since else ''}: {said}"


def _stranger(one: Facts) -> str:
    where = ", ".join(clean(each) for each in _several_texts(one.get("addresses"))[:2])
    why = clean(one.get("why"), LONGEST_SENTENCE)
    return f"not paired  {name(one)}{f' at {where}' if where else ''}{why and f': {why}'}"


def _notes(notes: Any) -> list[str]:
    return [f"note        {clean(note, LONGEST_SENTENCE)}" for note in _several_texts(notes)]


def clean(said: Any, longest: int = LONGEST) -> str:
    text = "".join(mark for mark in said if mark.isprintable()) if isinstance(said, str) else ""
    return text if len(text) <= longest else text[: longest - 3] + "..."


def ago(then: Any, now: float) -> str:
    if not isinstance(then, int | float):
        return ""
    seconds = max(0, int(now - then))
    for unit, size in (("d", DAY), ("h", HOUR), ("min", MINUTE)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def several(found: Any) -> list[Facts]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _several_texts(found: Any) -> list[str]:
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
