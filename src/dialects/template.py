"""A conversation becomes a prompt through the model's own chat template."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from functools import cached_property
from typing import Any, NoReturn

from jinja2 import TemplateError

from ..errors import BadRequest
from .purse import STEPS, Exhausted, paid_text, purse
from .repair import in_parts, repairs
from .sandbox import BoundedEnvironment
from .turns import Turn

# What a template raises, by itself or through what it does to the values.
FAULTS = (
    TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError, MemoryError,
)  # fmt: skip
# Python's compiler has limits of its own.
UNREADABLE = (*FAULTS, SyntaxError)
# The longest templates known take 300 for a message.
STEPS_OF_MESSAGE = 500
# Between the pieces of a text that must be in the prompt as they are: some templates take these words out.
SWITCH = re.compile(r"\n|/no_think|/think")
# No template says this by itself.
ASKED = "zebra-quartz"


class ChatTemplate:
    """`plain` is used where the model brings no template, or one that is not even Jinja."""

    def __init__(self, source: str | None, plain: str, bos: str, eos: str) -> None:
        self._tokens = {"bos_token": bos, "eos_token": eos}
        environment = _environment()
        try:
            self._template = environment.template(source or plain)
            self.own = bool(source)
        except UNREADABLE:
            self._template = environment.template(plain)
            self.own = False
        self.source = source if source and self.own else plain

    def prompt(self, turns: Sequence[Turn], tools: Sequence[Turn] = (), **wishes: object) -> str:
        """`turns`: as `native_turns` makes them, or as this family's templates want them."""
        prompts: list[str] = []
        faults: list[Exception] = []
        for attempt in repairs(turns):
            try:
                prompts.append(self._rendered(in_parts(attempt) if self._wants_parts else attempt, tools, wishes))
            except FAULTS as error:
                faults.append(error)
                if isinstance(error, Exhausted):
                    break
            else:
                if _says_all(prompts[-1], turns):
                    return prompts[-1]
        if prompts:
            return prompts[0]
        raise BadRequest(f"The model's chat template refused these messages: {faults[0]}", "messages") from faults[0]

    def _rendered(self, turns: list[Turn], tools: Sequence[Turn], wishes: Mapping[str, object]) -> str:
        # Others go on with the same schemas, and lists may be appended to.
        shown = deepcopy(list(tools)) if "append" in self.source else list(tools)
        offered = {"tools": shown} if tools else {}
        variables = {"messages": turns, "add_generation_prompt": True, **offered, **wishes, **self._tokens}
        with purse(STEPS + STEPS_OF_MESSAGE * len(turns) + _characters(turns) // 2):
            return self._template.render(variables)

    @cached_property
    def _wants_parts(self) -> bool:
        asked = [{"role": "user", "content": ASKED}]
        return not self._says(asked, ASKED) and self._says(in_parts(asked), ASKED)

    def _says(self, turns: list[Turn], words: str) -> bool:
        try:
            return words in self._rendered(turns, (), {})
        except FAULTS:
            return False


def _says_all(prompt: str, turns: Sequence[Turn]) -> bool:
    """Some templates leave out without a word what they do not expect, such as a second system message."""
    told = [turn["content"] for turn in turns if turn["role"] in ("system", "user")]
    return all(max(SWITCH.split(text), key=len).strip() in prompt for text in told if isinstance(text, str))


def _characters(turns: Sequence[Turn]) -> int:
    return sum(len(turn["content"]) for turn in turns if isinstance(turn["content"], str))


def _environment() -> BoundedEnvironment:
    environment = BoundedEnvironment()
    environment.globals["raise_exception"] = _refuse
    environment.globals["strftime_now"] = lambda pattern: datetime.now().strftime(pattern)
    environment.filters["tojson"] = _to_json
    return environment


def _refuse(message: str) -> NoReturn:
    """Templates call this for a conversation that they do not allow."""
    raise TemplateError(message)


def _to_json(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    """Jinja's own filter escapes for HTML, which no model was trained on."""
    room = min(indent, 16) if indent else indent
    whole = list(value) if isinstance(value, Iterator) else value
    return json.dumps(
        paid_text(whole), ensure_ascii=ensure_ascii, indent=room, separators=separators, sort_keys=sort_keys
    )
