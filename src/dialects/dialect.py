"""A family and a template make a dialect: what every request becomes before an engine sees it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from ..chat import ChatRequest, Image, Message, Text, ToolChoice, ToolSpec
from ..errors import BadRequest, NotSupported
from . import leaks
from .base import Plan
from .careful import Careful, Schemas
from .families.generic import taught, untaught
from .family import CallReader, Family, Thought
from .grammar.compose import compose
from .grammar.custom import held
from .grammar.heads import FENCE, TAG, Strays, strays
from .grammar.lark import Special, begins_with_control
from .grammar.tools import clean, clean_answer
from .listing import listing
from .markers import Markers
from .scanner import AnswerScanner, Form, MakeReader, new_id
from .seams import Seams
from .stray import Heads
from .template import ChatTemplate
from .thinking import Thoughts, ends_inside, recalled, wishes
from .turns import Turn

# Stands for what the user says where that is not wanted.
NOBODY = "\ue000"


def no_token(_: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Offer:
    """`shown` to the model are all, so that the prompt stays the same; a named choice says which are `callable`."""

    shown: tuple[ToolSpec, ...]
    callable: tuple[ToolSpec, ...]
    choice: ToolChoice
    warnings: tuple[str, ...]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.schemas)

    @property
    def schemas(self) -> Schemas:
        """Of those that may be called."""
        return {tool.name: tool.schema for tool in self.callable if self.choice.mode != "none"}


class FamilyDialect:
    """`instructions`: the text that teaches tools to a model whose template knows none. `markers`: the texts that are
    one token of the model, which only its template may write."""

    def __init__(
        self,
        family: Family,
        template: ChatTemplate,
        instructions: Callable[[], str] | None,
        special: Special = no_token,
        markers: Iterable[str] = (),
    ) -> None:
        self._family = family
        self._template = template
        self._instructions = instructions
        self._special = special
        self._markers = Markers(markers, template.source)
        self.name = family.name
        self.native = instructions is None
        thought = family.thought
        self.thinks = thought is not None and any(
            marker.strip() in template.source for marker in (thought.opening, thought.closing)
        )

    def plan(self, request: ChatRequest) -> Plan:
        if any(isinstance(part, Image) for message in request.messages for part in message.parts):
            raise NotSupported("This model reads text only: it cannot be shown images.", "messages")
        offer = _offer(request)
        thought = self._family.thought
        if self.thinks and thought and thought.closing.strip() in self._markers:
            request = replace(request, messages=recalled(request.messages, thought))
        begun = _begun(request)
        seams = Seams(self._markers)
        prompt = self._prompt(request, offer.shown, request.messages[:-1] if begun else request.messages, seams)
        head = self._head(request, offer.shown, prompt, seams)
        thinking = ends_inside(prompt, thought)
        if thought and thinking and request.reasoning.off:
            prompt, thinking = f"{prompt.rstrip()}\n\n{thought.closing.strip()}\n\n", False
        if begun:
            prompt, thinking = self._continued(prompt, thinking, begun, seams), False
        grammar, warnings = self._grammar(request, offer, thinking)
        whole, cuts = seams.cut(prompt)
        return Plan(whole, grammar, self._family.special, head, thinking, (*offer.warnings, *warnings), cuts)

    def least_tokens(self, text: str, most: int) -> int:
        """It is cut in each marker, and no token lies across a cut."""
        return self._markers.count(text, most) if self._markers else 0

    def scanner(self, request: ChatRequest, plan: Plan, candidate: int) -> AnswerScanner:
        offer = _offer(request)
        words = offer.choice.mode != "required" or plan.grammar is None
        readers: dict[str, MakeReader] = {}
        bare: dict[str, MakeReader] = {}
        enforced = self._strays(request, offer, plan.thinking) if plan.grammar is not None else None
        heads = Heads(enforced, self._family.triggers) if enforced else None
        if offer.names and words:
            readers = {one: partial(leaks.reader, one, offer.schemas, heads) for one in (FENCE, TAG)}
            if request.response_format is None and not _in_words(request):
                bare = {one: partial(leaks.reader, one, offer.schemas, heads) for one in leaks.BARE}
        headers = getattr(self._family, "headers", False)
        if offer.names or headers:
            readers |= dict.fromkeys(self._family.triggers, partial(self._reader, offer, plan.grammar is not None))
        sure = headers or (offer.names and plan.grammar is not None)
        form = Form(
            self._family.triggers if sure else (), words, request.response_format is None, offer.choice.parallel
        )
        thoughts = Thoughts(self._family.thought, plan.thinking)
        return AnswerScanner(thoughts, readers, bare, candidate, getattr(self._family, "new_id", new_id), form)

    def _reader(self, offer: Offer, enforced: bool) -> CallReader:
        reader = self._family.reader(offer.names, offer.callable)
        return reader if enforced else Careful(reader, offer.schemas)

    def _prompt(
        self, request: ChatRequest, tools: Sequence[ToolSpec], messages: Sequence[Message], seams: Seams
    ) -> str:
        """Up to where the model is to write, with seams."""
        if self._instructions and tools and request.tool_choice.mode != "none":
            messages = taught(messages, f"{self._instructions().strip()}\n\n{listing(tools)}")
        elif self._instructions:
            messages = untaught(messages)
        shown = [] if self._instructions else [_to_template(tool) for tool in seams.tools(tools)]
        turns = seams.turns(self._family.turns(messages))
        try:
            return self._template.prompt(turns, shown, **wishes(request.reasoning))
        except BadRequest as error:
            raise BadRequest(seams.without(error.message), error.param) from error

    def _head(self, request: ChatRequest, tools: Sequence[ToolSpec], prompt: str, seams: Seams) -> int:
        """What every conversation with this system message and these tools has in common."""
        system = [message for message in request.messages[:1] if message.role == "system"]
        if not system and not tools:
            return 0
        try:
            other = self._prompt(request, tools, [*system, Message("user", (Text(NOBODY),))], seams)
        except BadRequest:
            return 0
        pairs = zip(seams.without(prompt), seams.without(other), strict=False)
        return next((at for at, pair in enumerate(pairs) if len(set(pair)) == 2), len(seams.without(other)))

    def _continued(self, prompt: str, thinking: bool, begun: Message, seams: Seams) -> str:
        thought = self._family.thought
        if thought and (thinking or (begun.thinking and self.thinks)):
            opened = prompt.rstrip() if thinking else f"{prompt}{thought.opening.strip()}"
            prompt = f"{opened}\n{seams.text(begun.thinking)}\n{thought.closing.strip()}\n\n"
        return prompt + seams.text(begun.text)

    def _thought(self, thinking: bool) -> Thought | None:
        return self._family.thought if self.thinks or thinking else None

    def _strays(self, request: ChatRequest, offer: Offer, thinking: bool) -> Strays | None:
        """The calls that are enforced in a form that is not the family's."""
        family, thought = self._family, self._thought(thinking)
        free = offer.choice.mode == "auto" and request.response_format is None
        if not free or getattr(family, "headers", False):
            return None
        own = [*family.triggers, *([thought.opening.lstrip()] if thought else [])]
        control = all(begins_with_control(marker, self._special) for marker in own)
        return strays(offer.callable, own, control, bare=not _in_words(request))

    def _grammar(self, request: ChatRequest, offer: Offer, thinking: bool) -> tuple[str | None, tuple[str, ...]]:
        family = self._family
        headers = getattr(family, "headers", False)
        rules = family.call_rules(offer.callable) if offer.shown or headers else None
        choice = offer.choice if offer.shown else ToolChoice("none")
        budget = 0 if request.reasoning.off else request.reasoning.budget
        answer, warnings = clean_answer(request.response_format) if request.response_format else (None, ())
        thought = self._thought(thinking)
        triggers = family.triggers if offer.shown else ()
        if offer.choice.mode == "none":
            triggers += getattr(family, "parts", ())
        stray = self._strays(request, offer, thinking) if offer.shown else None
        return compose(rules, choice, thought, thinking, budget, answer, triggers, self._special, stray), warnings


def _offer(request: ChatRequest) -> Offer:
    shown, warnings = clean(request.tools) if request.tools else ((), ())
    choice = request.tool_choice
    called, remarks = held(tool for tool in shown if tool.name in choice.names or not choice.names)
    if choice.names and not called:
        raise BadRequest(f"The tool '{choice.names[0]}' was chosen but not offered.", "tool_choice")
    if choice.mode == "required" and not called:
        raise BadRequest("A tool call is required, but no tools were offered.", "tool_choice")
    return Offer(shown, called, choice, warnings + remarks)


def _begun(request: ChatRequest) -> Message | None:
    """The answer that is to be written on."""
    if not request.continue_last or not request.messages or request.messages[-1].role != "assistant":
        return None
    if request.messages[-1].calls:
        raise BadRequest("A message with tool calls cannot be continued.", "messages")
    return request.messages[-1]


def _in_words(request: ChatRequest) -> bool:
    """What comes is not the beginning of the answer."""
    begun = _begun(request)
    return begun is not None and bool(begun.text.strip())


def _to_template(tool: ToolSpec) -> Turn:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.schema}
    return {"type": "function", "function": function}
