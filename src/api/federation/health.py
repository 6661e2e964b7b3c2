"""The swarm's nodes, to the wire. Pure."""

from dataclasses import asdict
from typing import Any

from ...swarm.member import Served
from ...swarm.neighbours import HeldMemory, Neighbour, Neighbourhood, Stranger, ToolPlace


def to_wire(found: Neighbourhood, now: float) -> dict[str, Any]:
    """`now`: seconds since 1970. Points in time are those of this node's clock."""
    return {
        "node": _node(found.node, now),
        "peers": [_node(peer, now) for peer in found.peers],
        "strangers": [_stranger(stranger) for stranger in found.strangers],
        "notes": list(found.notes),
        "tool_host": _tools(found.tool_host) if found.tool_host else None,
        "borrowed": [_held(one, now) for one in found.borrowed],
        "lent": None if found.lent is None else [_held(one, now) for one in found.lent],
    }


def _node(one: Neighbour, now: float) -> dict[str, Any]:
    best = max(one.models, key=lambda served: served.context, default=None)
    return {
        "id": one.id,
        "name": one.name,
        "state": one.condition,
        "model": best.id if best else None,
        "context": best.context if best else None,
        "tokens_per_second": round(best.details.writes, 1) if best and best.details.writes else None,
        "models": [_model(served) for served in one.models],
        "load": asdict(one.busy) if one.busy else None,
        "latency_ms": None if one.latency is None else round(one.latency * 1000, 2),
        "hardware": one.hardware,
        "version": one.version,
        "started": _ago(one.up, now),
        "since": _ago(one.since, now),
        "addresses": list(one.endpoints),
        "tools": list(one.tools),
        "trouble": one.trouble or None,
    }


def _model(served: Served) -> dict[str, Any]:
    return {"id": served.id, "context": served.context, "seats": served.seats, "quantization": served.details.quant}


def _tools(one: ToolPlace) -> dict[str, Any]:
    return {"where": one.where, "tools": list(one.tools), "trouble": one.trouble or None}


def _held(one: HeldMemory, now: float) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "bytes": one.room,
        "state": one.condition,
        "since": _ago(one.since, now),
        "trouble": one.trouble or None,
    }


def _stranger(one: Stranger) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "addresses": list(one.endpoints), "why": one.why or None}


def _ago(seconds: float | None, now: float) -> int | None:
    return None if seconds is None else int(now - seconds)
