"""The tool host of a node: the tools of one folder, for whoever may use its API."""

import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any

import anyio

from ..chat import Outcome, ToolCall, ToolSpec
from ..errors import SettingError
from ..settings import Settings
from ..tools.audit import Audit
from ..tools.files import Root
from ..tools.host import Ask, ToolHost
from ..tools.registry import Registry
from ..tools.sandbox.project import KINDS, Kind, Project, find
from ..tools.sandbox.sandbox import NOBODY, NoSandbox
from ..tools.sandbox.walls import user_of
from ..tools.standard import OUTPUTS, check_root, standard
from ..tools.tool import LOCAL, Caller
from ..tools.web.fetching import Web
from . import server_keys
from .asking import Terminal
from .config import prompts
from .tool_rules import asking, rule_notes, rules

Service = Callable[[], Coroutine[Any, Any, None]]
WITHOUT_SANDBOX = "bash, python, write and edit are off."
READ_ONLY = (
    "programs of bash and python can only read in this folder: it belongs to root, and they never run as root. "
    "Give it to a user (chown), or start the node as one"
)


class ToolServer:
    """`roots`: closed when it ends. `notes`: for the user, at the start. `services`: what runs beside it."""

    def __init__(
        self, host: ToolHost, roots: Sequence[Root], notes: Sequence[str], services: Sequence[Service] = ()
    ) -> None:
        self._host = host
        self._roots = roots
        self._services = [*services]
        self.notes = [*notes]

    def add(self, service: Service, note: str) -> None:
        """Before it runs."""
        self._services.append(service)
        self.notes.append(note)

    async def specs(self) -> Sequence[ToolSpec]:
        return self._host.specs()

    def names(self) -> Sequence[str]:
        return self._host.names()

    async def execute(self, call: ToolCall, who: str, session: str = "", caller: str = LOCAL) -> Outcome:
        """`caller`: whose the id of the call is."""
        return await self._host.execute(call, Caller(caller, who, session))

    async def cancel(self, id: str) -> bool:
        """Whether there was anything to cancel."""
        return self._host.cancel(id, Caller(LOCAL))

    async def run(self) -> None:
        try:
            async with anyio.create_task_group() as group:
                for service in self._services:
                    group.start_soon(service)
                await self._host.run()
        finally:
            for root in self._roots:
                root.close()


def tool_server(settings: Settings, kinds: Sequence[Kind] = KINDS) -> ToolServer | None:
    """None where none was asked for. RootUnusable or SettingError where there can be none. `kinds`: of sandboxes."""
    if not settings.tool_server:
        return None
    if settings.open:
        raise SettingError("There are no tools in an open swarm: leave out --tool-server, or --open.")
    if sys.platform == "win32":
        raise SettingError("There is no tool host on Windows yet. Start this node without --tool-server.")
    check_root(settings.root, settings.state_dir, Path.home())
    roots = root, outputs = Root(settings.root), Root(_outputs(settings.state_dir))
    project, walls = anyio.run(_sandbox, root, kinds)
    tools = Registry(standard(root, outputs, prompts(), project, Web()))
    terminal = Terminal()
    host = _host(tools, settings, root, terminal.ask)
    notes = (
        f"tools work in {root.folder}: {', '.join(tool.name for tool in tools)}",
        *walls,
        *rule_notes(settings, [*tools]),
    )
    mounts, mounted = _mounts(settings, tools)
    return ToolServer(
        host,
        roots,
        (*notes, _told(asking([*tools], rules(settings)), settings.yes_tools, terminal.is_there), *mounted),
        mounts,
    )


def tool_notes(tools: ToolServer | None) -> Iterator[str]:
    """What a user is told of them at the start."""
    yield from tools.notes if tools else ()


def _mounts(settings: Settings, tools: Registry) -> tuple[Sequence[Service], Sequence[str]]:
    """What lends its tools to us, which is not waited for."""
    if not settings.mcp:
        return (), ()
    # Here and not above: whoever has none need not wait for the library.
    from ..tools.mcp.mounted import Mounted

    names = ", ".join(f"{one.name}_*" for one in settings.mcp)
    asks = "" if settings.yes_tools else "; each call of them asks"
    note = f"the tools of MCP servers are added as soon as they answer: {names}{asks}"
    keys = [server_keys.read(one.key, f"--mcp {one.name}") for one in settings.mcp]
    mounted = [Mounted(one, tools, settings.state_dir, key) for one, key in zip(settings.mcp, keys, strict=True)]
    return [one.run for one in mounted], (note,)


async def _sandbox(root: Root, kinds: Sequence[Kind]) -> tuple[Project | None, Sequence[str]]:
    try:
        project = await find(root, kinds)
        notes = project.weaker, READ_ONLY if user_of(root) == NOBODY else ""
        return project, [note for note in notes if note]
    except NoSandbox as error:
        return None, (f"{error.message} So {WITHOUT_SANDBOX}",)


def _told(asking: Sequence[str], yes: bool, at_terminal: bool) -> str:
    names = ", ".join(asking)
    if yes:
        return f"nobody is asked before {names}, since you said --yes-tools"
    if at_terminal:
        return f"before {names} you are asked here"
    return f"calls of {names} are refused: there is no terminal to ask you at, and you did not say --yes-tools"


def _outputs(state: Path) -> Path:
    folder = state / OUTPUTS
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise SettingError(
            f"{folder} cannot be made ({error.strerror}), and long outputs of tools go there. Move it away, or name "
            "another folder: --state-dir"
        ) from None
    return folder


def _host(tools: Registry, settings: Settings, root: Root, ask: Ask) -> ToolHost:
    try:
        return ToolHost(tools, rules(settings), Audit(settings.state_dir), root.resolved, ask)
    except OSError as error:
        raise SettingError(
            f"The log of the tools in {settings.state_dir} cannot be read ({error.strerror}), and without it none may "
            "be used. Move it away, or name another folder: --state-dir"
        ) from None
