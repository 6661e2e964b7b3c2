"""What a tool is, who calls it, and what comes of a call."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..chat import Image
from ..errors import SwarmError

Decision = Literal["allow", "ask", "deny"]
LOCAL = "local"  # whoever calls through the API of this node
Arguments = Mapping[str, Any]  # held to the tool's schema before an executor sees them


class ToolFailed(SwarmError):
    """The call did not do what it was to do. The message is for the model, which may do better."""

    status = 400
    code = "tool_failed"
    kind = "invalid_request_error"


class ToolDenied(ToolFailed):
    """Whoever is asked for the user says no, and why."""


class ToolLost(SwarmError):
    """It is not known what came of the call. The message says what was heard last."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a node by its id, or `local`. `allowed`: it may use tools at all. `session`: what it keeps its list of
    things to do under."""

    id: str
    name: str = ""
    session: str = ""
    allowed: bool = True


@dataclass(frozen=True, slots=True)
class Scope:
    """What an executor may do beyond its arguments. `permit`: raises ToolFailed for a real path, relative to the root,
    that the policy keeps from this call."""

    caller: Caller
    permit: Callable[[str], None]

    def permits(self, path: str) -> bool:
        try:
            self.permit(path)
        except ToolFailed:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Output:
    content: str
    images: tuple[Image, ...] = ()
    failed: bool = False  # it ran, and what it ran did not succeed


Executor = Callable[[Arguments, Scope], Awaitable[Output]]


@dataclass(frozen=True, slots=True)
class Tool:
    """`path`: the argument that names a file or folder of the root. `run` is None for what only the client can do.
    `checks`: whoever runs it holds the arguments to the schema, which is not ours."""

    name: str
    description: str
    schema: dict[str, Any]
    run: Executor | None
    default: Decision = "ask"
    path: str = ""
    seconds: float = 30.0  # the host waits no longer
    checks: bool = False
