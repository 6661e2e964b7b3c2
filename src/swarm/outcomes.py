"""Which calls of tools failed, as clients tell it in their next request. Pure, but for the calls it remembers."""

import json
import re
from collections import OrderedDict
from collections.abc import Iterator

from ..chat import ChatRequest, Message, ToolCall, ToolResult

# Whose results did not come yet; each costs some hundred bytes.
CALLS = 4096
# Clients that have no field for it say it at the beginning of the text: the call itself was wrong. A command that ran
# and ended badly, such as a test, is no fault of the one that called it.
WRONG = re.compile(
    r"""\s*(?:<tool_use_error>|\{"output":\s*")?\s*(?:error:?\s+|tool\s+error:?\s+)?(?:
      the\ arguments\ provided\ to\ the\ tool\ are\ invalid | invalid\ (?:tool\ )?(?:arguments|parameters|input)
    | inputvalidationerror | failed\ to\ parse\ (?:function\ |tool\ )?arguments | params\ must\ have\ required
    | params/\S*\ must | missing\ required\ (?:argument|parameter|property)
    | (?:no\ such|unknown|unsupported)\ (?:tool|call|function)\b | tool\ ["'`]?[\w.:-]+["'`]?\ (?:was\ )?not\ found
    | model\ tried\ to\ call\ unavailable\ tool | (?:file|path)\ (?:does\ not\ exist|not\ found)
    | (?:file|path)_path\ must\ be | (?:oldstring|old_string|string\ to\ replace)\b.{0,40}not\ found
    | could\ not\ find\ (?:old_?string|the\ string) | apply_patch\ verification\ failed
    )""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
RAN = re.compile(
    r"\s*(?:<error>\s*)?(?:error:?\s+)?(?:command\s+(?:failed|exited)\s+with\s+)?exit(?:ed)?\s+(?:status|code)",
    re.IGNORECASE,
)
LONGEST = 2000


# Servers give ids such as `call_0` again and again, so what is called belongs to it.
Mark = tuple[str, str, str]


class Outcomes:
    def __init__(self) -> None:
        self._models: OrderedDict[Mark, str] = OrderedDict()  # by its call, the model that wrote it

    def wrote(self, model: str, message: Message) -> None:
        for call in message.calls:
            self._models[_mark(call)] = model
            if len(self._models) > CALLS:
                self._models.popitem(last=False)

    def of(self, request: ChatRequest) -> Iterator[tuple[str, bool]]:
        """The model and whether its call failed, of each result that comes for the first time."""
        calls, results = _last_turn(request.messages)
        for result in results:
            if result.call in calls and (model := self._models.pop(_mark(calls[result.call]), "")):
                yield model, failed(result)


def failed(result: ToolResult) -> bool:
    text = result.content[:LONGEST]
    return bool(WRONG.match(text)) or (result.failed and not RAN.match(text))


def _last_turn(messages: tuple[Message, ...]) -> tuple[dict[str, ToolCall], list[ToolResult]]:
    """The calls of the last answer, by id, and the results behind it."""
    results: list[ToolResult] = []
    for message in reversed(messages):
        if message.role == "assistant":
            return {call.id: call for call in message.calls}, results
        results += message.results
    return {}, []


def _mark(call: ToolCall) -> Mark:
    """Clients read the arguments and write them anew."""
    try:
        arguments = json.dumps(json.loads(call.arguments), sort_keys=True)
    except (ValueError, RecursionError):
        arguments = call.arguments
    return call.id, call.name, arguments
