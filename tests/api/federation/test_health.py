"""`/v1/federation/health`: which machines are there, and how they are."""

from dataclasses import replace
from typing import Any

import httpx
from localswarm.api.app import create_app
from localswarm.api.federation.health import to_wire
from localswarm.api.guard import Access
from localswarm.errors import Unavailable
from localswarm.swarm.answer import Swarm
from localswarm.swarm.member import Busy, Details, Served
from localswarm.swarm.neighbours import HeldMemory, Neighbour, Neighbourhood, Stranger, ToolPlace

from ...swarm.scripted import ScriptedMember
from ..serving import listening, served

NOW = 1_700_000_000.0
LARGE = Served("large", 32768, 32768, 4, 1, (), Details(quant="Q4_K_M", writes=41.26))
SMALL = Served("small", 4096, 4096, 8, 1)
DESK = Neighbour("d" * 16, "desk", "alive", (SMALL, LARGE), Busy(1, 2, 3, 4, 5), 0.00123, "16 cores", "0.2.0", 90.5, 60)
TOWER = Neighbour("e" * 16, "tower", "gone", endpoints=("192.168.1.8:17617",), trouble="It does not answer.")
STRANGER = Stranger("f" * 16, "box", ("192.168.1.9:17617",), "It is of another swarm.")


def schema() -> dict[str, Any]:
    page = create_app(Swarm([ScriptedMember()]), Access(), "test").openapi()
    answer = page["paths"]["/v1/federation/health"]["get"]["responses"]["200"]
    found: dict[str, Any] = answer["content"]["application/json"]["schema"]
    return found


def fits(value: Any, schema: dict[str, Any]) -> None:
    """Every field is told of, and those that must be there are."""
    if value is None:
        assert "null" in schema["type"]
    elif isinstance(value, dict):
        assert set(schema.get("required", ())) <= set(value) <= set(schema["properties"])
        for name, one in value.items():
            fits(one, schema["properties"][name])
    elif isinstance(value, list):
        for one in value:
            fits(one, schema["items"])
    else:
        kinds: dict[str, Any] = {"string": str, "integer": int, "number": (int, float)}
        types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        assert any(isinstance(value, kinds[name]) for name in types if name != "null"), (value, schema)


def test_a_peer_on_the_wire() -> None:
    wire = to_wire(Neighbourhood(DESK), NOW)["node"]
    assert (wire["id"], wire["name"], wire["state"], wire["model"]) == (DESK.id, "desk", "alive", "large")
    assert (wire["context"], wire["tokens_per_second"], wire["latency_ms"]) == (32768, 41.3, 1.23)
    assert wire["load"]["running"] == 2 and [one["id"] for one in wire["models"]] == ["small", "large"]
    assert (wire["started"], wire["since"]) == (1_699_999_909, 1_699_999_940)


def test_tools_of_nodes_and_those_that_are_used() -> None:
    wire = to_wire(
        Neighbourhood(DESK, (replace(TOWER, tools=("read",)),), tool_host=ToolPlace("tower", ("read",))), NOW
    )
    assert (wire["node"]["tools"], wire["peers"][0]["tools"]) == ([], ["read"])
    assert wire["tool_host"] == {"where": "tower", "tools": ["read"], "trouble": None}
    away = to_wire(Neighbourhood(DESK, tool_host=ToolPlace("tower", trouble="It is away.")), NOW)
    assert away["tool_host"]["trouble"] == "It is away."
    for one in (wire, away):
        fits(one, schema())
    assert to_wire(Neighbourhood(DESK), NOW)["tool_host"] is None


def test_memory_of_others_and_for_others() -> None:
    desk = HeldMemory("d" * 16, "desk", 6 * 2**30, "alive", 60)
    tower = HeldMemory("e" * 16, "tower", 2**30, "lost", 5, "The machine tower is lost.")
    wire = to_wire(Neighbourhood(DESK, borrowed=(desk, tower), lent=()), NOW)
    assert [(one["name"], one["bytes"], one["state"]) for one in wire["borrowed"]] == [
        ("desk", 6 * 2**30, "alive"),
        ("tower", 2**30, "lost"),
    ]
    assert wire["borrowed"][0]["since"] == NOW - 60 and wire["borrowed"][1]["trouble"] == "The machine tower is lost."
    assert wire["lent"] == []
    lent = to_wire(Neighbourhood(DESK, lent=(desk,)), NOW)
    assert lent["lent"][0]["id"] == desk.id and lent["borrowed"] == []
    for one in (wire, lent):
        fits(one, schema())
    assert to_wire(Neighbourhood(DESK), NOW)["lent"] is None


def test_what_is_not_known_is_null() -> None:
    wire = to_wire(Neighbourhood(DESK, (TOWER,)), NOW)["peers"][0]
    assert {name for name, value in wire.items() if value is None} == {
        "model", "context", "tokens_per_second", "load", "latency_ms", "started", "since",
    }  # fmt: skip
    assert wire["trouble"] == "It does not answer." and wire["addresses"] == ["192.168.1.8:17617"]


def test_all_of_it_fits_the_page() -> None:
    bare = replace(STRANGER, why="")
    for found in (
        Neighbourhood(DESK),
        Neighbourhood(DESK, (DESK, TOWER), (STRANGER, bare), ("Multicast is blocked.",)),
    ):
        fits(to_wire(found, NOW), schema())


def test_over_http_with_the_key_alone() -> None:
    held = HeldMemory("d" * 16, "the lender", 2**30, "alive", 60)
    found = Neighbourhood(DESK, (TOWER,), (STRANGER,), borrowed=(held,), lent=(held,))
    app = create_app(Swarm([ScriptedMember()]), Access("secret"), "test", lambda: found)
    with listening(app) as base:
        for path in ("/v1/federation/health", "/health", "/", "/openapi.json", "/swarm/loan"):
            assert "the lender" not in httpx.get(base + path).text
        assert httpx.get(f"{base}/v1/federation/health").status_code == 401
        said = httpx.get(f"{base}/v1/federation/health", headers={"authorization": "Bearer secret"}).json()
    assert [one["state"] for one in said["peers"]] == ["gone"] and said["strangers"][0]["name"] == "box"
    assert said["borrowed"][0]["name"] == "the lender"


class Loading(ScriptedMember):
    def served(self) -> Served:
        raise Unavailable("The model is being loaded.")


def test_a_node_that_works_alone_tells_of_itself() -> None:
    with served(ScriptedMember()) as base:
        said = httpx.get(f"{base}/v1/federation/health").json()
    assert said["node"]["model"] == "scripted" and said["node"]["version"] == "test"
    assert [one["id"] for one in said["node"]["models"]] == ["scripted"], "the swarm itself is no model"
    assert (said["peers"], said["strangers"], said["notes"]) == ([], [], [])
    fits(said, schema())


def test_a_node_that_loads_is_there_all_the_same() -> None:
    with served(Loading()) as base:
        answer = httpx.get(f"{base}/v1/federation/health")
    assert answer.status_code == 200
    assert answer.json()["node"]["trouble"] == "The model is being loaded." and answer.json()["node"]["model"] is None
