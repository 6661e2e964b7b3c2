"""The tool host: decides about calls, runs each at most once, and writes down what was done."""

import json
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import anyio
from anyio.abc import TaskGroup, TaskStatus

from ..chat import CallState, Outcome, ToolCall, ToolSpec
from ..errors import BadRequest, Forbidden, Overloaded, ShuttingDown
from . import audit
from .arguments import arguments
from .executors.threads import beside
from .policy import Rules, decide
from .registry import Registry
from .remembered import Key, Remembered, Running
from .tool import Arguments, Caller, Output, Scope, Tool, ToolDenied, ToolFailed, ToolLost

LOG = logging.getLogger(__name__)

AT_ONCE = 20
WAITING = 100  # beyond those that run
LONGEST_ID = 200
LONGEST_NAME = 200
# Longer arguments take some milliseconds to look at, or seconds where they are meant to.
LARGE = 2**16
# Who sits before the host's terminal may be getting coffee; a model's client waits no longer than this.
ASK_SECONDS = 120.0

# Other calls were asked about before it.
BUSY = "Nothing was done: the user of this host has to be asked about {}, and did not get to it in time."
NOT_KNOWN = (
    "It is not known what came of this call: it may have been carried out, wholly or in part. It is not repeated."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user has to say yes or no to. `arguments`: all of them, in ASCII: none hides from a terminal."""

    tool: str
    arguments: str
    path: str | None
    caller: Caller


# ToolDenied is a no that says why.
Ask = Callable[[Asked], Awaitable[bool]]


async def nobody(asked: Asked) -> bool:
    return False


class ToolHost:
    """`resolve`: where a path of the root leads. `run` has to be running: a call goes on when its caller is lost, so
    that whoever asks again with the same id gets what came of it."""

    def __init__(
        self, registry: Registry, rules: Rules, log: audit.Audit, resolve: Callable[[str], str], ask: Ask = nobody,
        at_once: int = AT_ONCE, waiting: int = WAITING,
    ) -> None:  # fmt: skip
        self._registry = registry
        self._rules = rules
        self._log = log
        self._resolve = resolve
        self._ask = ask
        self._most = at_once + waiting
        self._turns = anyio.Semaphore(at_once)
        self._calls = Remembered(log.begun())
        self._group: TaskGroup | None = None

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        async with anyio.create_task_group() as self._group:
            task_status.started()
            try:
                await anyio.sleep_forever()
            finally:
                self._group.cancel_scope.cancel()
                self._group = None

    def specs(self) -> tuple[ToolSpec, ...]:
        return self._registry.specs()

    def names(self) -> tuple[str, ...]:
        return tuple(tool.name for tool in self._registry)

    async def execute(self, call: ToolCall, caller: Caller) -> Outcome:
        """An id runs once. Asked again: what came of it, waited for if need be, or that this is not known."""
        if not caller.allowed:
            raise Forbidden("This node may not use the tools of this host. Its user can allow it there.")
        if not 0 < len(call.id) <= LONGEST_ID:
            raise BadRequest(f"A call needs an id of its own, of 1 to {LONGEST_ID} characters.", "id")
        if len(call.name) > LONGEST_NAME:
            raise BadRequest(f"No tool has a name of more than {LONGEST_NAME} characters.", "tool")
        known = self._calls.find((caller.id, call.id)) or self._begin(call, caller)
        if known is None:
            return Outcome(call.id, call.name, "unknown", NOT_KNOWN)
        if not known.is_of(call):
            raise BadRequest("This id belongs to another call. Give each call an id of its own.", "id")
        await known.ended.wait()
        assert known.outcome, "it has ended"
        return known.outcome

    def cancel(self, id: str, caller: Caller) -> bool:
        """Whether there was anything to cancel."""
        known = self._calls.find((caller.id, id))
        if known is None or known.ended.is_set():
            return False
        known.scope.cancel()
        return True

    def _begin(self, call: ToolCall, caller: Caller) -> Running | None:
        """None: it was begun long ago, or before this host was started."""
        key: Key = caller.id, call.id
        if self._calls.was(key):
            return None
        if self._group is None:
            raise ShuttingDown("This tool host is shutting down. Nothing was done.")
        if self._calls.unfinished >= self._most:
            raise Overloaded("This tool host has too many calls to do. Send it again later; nothing was done.")
        running = Running(call, caller)
        self._calls.add(running)
        self._group.start_soon(self._carry_out, running)
        return running

    async def _carry_out(self, running: Running) -> None:
        begun = time.monotonic()
        state, output = self._not_known()
        try:
            with running.scope:
                state, output = await self._outcome(running)
            if running.scope.cancelled_caught:
                state, output = "cancelled", Output("The call was cancelled. What it had done by then was done.")
        finally:
            # Also when the host stops in the middle of it.
            call, seconds = running.call, time.monotonic() - begun
            outcome = Outcome(call.id, call.name, state, output.content, output.images, seconds)
            self._note("ended", running, state=state, size=len(output.content), seconds=round(seconds, 4))
            self._calls.finish(running, outcome)

    async def _outcome(self, running: Running) -> tuple[CallState, Output]:
        try:
            tool = self._registry.find(running.call.name)
            given = await _read(tool, running.call.arguments)
            if tool.run is None:
                return "client", Output(json.dumps(given))
            path = self._resolve(given.get(tool.path) or ".") if tool.path else None
            if not await self._allowed(running, tool, given, path):
                return "denied", Output(f"The user of this host does not allow this call of {tool.name}.")
            if not self._note("begun", running):
                return "failed", Output("Nothing was done: the call could not be written into the log of this host.")
            return await self._execute(tool, given, self._scope(running, tool, path))
        except ToolDenied as error:
            return "denied", Output(error.message)
        except ToolFailed as error:
            return "failed", Output(error.message)
        except ToolLost as error:
            return "unknown", Output(f"{error.message} {NOT_KNOWN}")
        except Exception:  # the outermost place: a fault of one tool must end no other call
            LOG.exception("The tool %s failed in a way that nobody foresaw", running.call.name)
            return "unknown", Output(NOT_KNOWN)

    async def _execute(self, tool: Tool, given: Arguments, scope: Scope) -> tuple[CallState, Output]:
        assert tool.run, "others go back to the client"
        async with self._turns:
            with anyio.move_on_after(tool.seconds):
                output = await tool.run(given, scope)
                return "failed" if output.failed else "done", output
        return self._not_known()

    async def _allowed(self, running: Running, tool: Tool, given: Arguments, path: str | None) -> bool:
        decision = decide(tool.name, tool.default, path, self._rules)
        running.decision = decision
        if decision == "ask":
            asked = Asked(tool.name, json.dumps(given, indent=1), path, running.caller)
            running.decision = "ask: no"
            with anyio.move_on_after(ASK_SECONDS):
                agreed = await self._ask(asked)
                running.decision = "ask: yes" if agreed else "ask: no"
                return agreed
            raise ToolDenied(BUSY.format(tool.name))
        return decision == "allow"

    def _scope(self, running: Running, tool: Tool, path: str | None) -> Scope:
        def permit(real: str) -> None:
            """What was asked about is what was seen; a path that leads somewhere else by now is another one."""
            decision = decide(tool.name, tool.default, real, self._rules)
            if decision == "deny" or (decision == "ask" and real != path):
                raise ToolFailed(f"The user of this host does not allow {tool.name} with {real}.")

        return Scope(running.caller, permit)

    def _not_known(self) -> tuple[CallState, Output]:
        return "unknown", Output(NOT_KNOWN)

    def _note(self, event: audit.Event, running: Running, **more: str | int | float) -> bool:
        call, caller = running.call, running.caller
        entry = audit.entry(
            event, (caller.id, caller.name), (call.id, call.name, call.arguments), decision=running.decision, **more
        )
        try:
            self._log.write(entry)
        except OSError as error:
            LOG.warning("The log of the tools cannot be written: %s", error.strerror)
            return False
        return True


async def _read(tool: Tool, text: str) -> Arguments:
    return await beside(arguments, tool, text) if len(text) > LARGE else arguments(tool, text)
