"""Which tools of a client the host has an equal of: by their names, and by what they take."""

from typing import Any

import pytest
from localswarm.chat import TextForm, ToolSpec
from localswarm.swarm.acting.equals import equals

HOST = tuple(ToolSpec(name) for name in ("read", "write", "edit", "bash", "webfetch", "glob", "grep", "list"))


def takes(name: str, names: str = "", needed: str = "", **more: Any) -> ToolSpec:
    properties = {one: {"type": "string"} for one in names.split()}
    schema = {"type": "object", "properties": properties, "required": needed.split()}
    return ToolSpec(name, "", schema, **more)


@pytest.mark.parametrize(
    ("tool", "equal"),
    [
        (takes("read", "filePath offset limit", "filePath"), "read"),
        (takes("Read", "file_path offset limit pages", "file_path"), "read"),
        (takes("read_file", "absolute_path", "absolute_path"), "read"),
        (takes("write_file", "file_path content", "file_path content"), "write"),
        (takes("edit", "filePath oldString newString replaceAll", "filePath oldString newString"), "edit"),
        (takes("bash", "command timeout workdir description", "command description"), "bash"),
        (takes("run_shell_command", "command is_background directory", "command is_background"), "bash"),
        (takes("shell", "command workdir timeout_ms", "command"), "bash"),
        (takes("webfetch", "url format timeout", "url format"), "webfetch"),
        (takes("WebFetch", "url prompt", "url prompt"), "webfetch"),
        (takes("Glob", "pattern path", "pattern"), "glob"),
        (takes("Grep", "pattern path glob output_mode -n", "pattern"), "grep"),
        (takes("LS", "path ignore", "path"), "list"),
    ],
)
def test_tools_of_agents_have_one(tool: ToolSpec, equal: str) -> None:
    assert equals([tool], HOST) == {tool.name: equal}


@pytest.mark.parametrize(
    "tool",
    [
        takes("fetch", "order_id", "order_id"),
        takes("list", "status"),
        takes("read", "mailbox message", "mailbox message"),
        takes("write", "to text", "to text"),
        takes("edit", "path instructions", "path instructions"),
        takes("read_file", "path tenant", "path tenant"),
        takes("read_file", "owner repo path", "path"),
        takes("shell", "command host", "command"),
        takes("bash"),
        takes("bash", "command", form=TextForm("regex", ".*")),
        ToolSpec("bash", "", {"type": "object", "properties": "command", "required": 5}),
        ToolSpec("bash", "", {"required": [["command"]], "properties": ["command"]}),
        takes("deploy", "path"),
    ],
)
def test_what_takes_other_things_does_something_else(tool: ToolSpec) -> None:
    assert not equals([tool], HOST)


def test_a_name_that_stays_the_clients_is_not_taken_by_another_tool() -> None:
    own = takes("bash", "command", form=TextForm("regex", ".*"))
    assert not equals([own, takes("shell", "command")], HOST)


def test_what_the_host_has_not_stays_the_clients() -> None:
    assert not equals([takes("bash", "command")], [ToolSpec("read")])
