from typing import Any

import pytest
from localswarm.tools.registry import Registry, ToolUnusable
from localswarm.tools.tool import Tool, ToolFailed


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"deeper": schema}}
    return schema


def test_tools_by_their_names() -> None:
    registry = Registry([Tool("one", "does it", nested(2), None)])
    assert registry.find("one").name == "one" and registry.specs()[0].description == "does it"
    with pytest.raises(ToolFailed, match=r"There are: one\."):
        registry.find("two")


def test_models_see_no_limits() -> None:
    schema = {"type": "object", "properties": {"maximum": {"type": "integer", "maximum": 10**12}}}
    (spec,) = Registry([Tool("one", "", schema, None)]).specs()
    assert spec.schema == {"type": "object", "properties": {"maximum": {"type": "integer"}}}


@pytest.mark.parametrize(
    "tools, why",
    [
        ([Tool("one", "", {}, None), Tool("one", "", {}, None)], "Two tools"),
        ([Tool("deep", "", nested(200), None)], "nested"),
        ([Tool("far", "", {"properties": {"a": {"$ref": "http://127.0.0.1/schema"}}}, None)], "another document"),
    ],
)
def test_what_cannot_be_offered(tools: list[Tool], why: str) -> None:
    with pytest.raises(ToolUnusable, match=why):
        Registry(tools)


def test_tools_of_others_come_and_go() -> None:
    registry = Registry([Tool("stays", "", {}, None)])
    guests = [Tool(name, "", {}, None) for name in ("one", "stays", "two")]
    refusals = registry.replace("guest", guests)
    assert [tool.name for tool in registry] == ["stays", "one", "two"]
    assert len(refusals) == 1 and "Two tools are called stays" in refusals[0]
    assert registry.replace("guest", [guests[2]]) == [] and registry.replace("other", [guests[0]]) == []
    registry.replace("guest", [])
    assert [tool.name for tool in registry] == ["stays", "one"]
    with pytest.raises(ToolFailed, match="no tool 'two'"):
        registry.find("two")
