"""Jinja for templates that come out of downloaded files: nothing of Python in reach, and every run comes to an end.

Jinja's own sandbox keeps a template from Python's insides, but not from running for hours or filling the memory. Here
each turn of a loop, each call and each piece of text is paid for (see `purse.py`).
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any

from jinja2 import Template, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from .prices import Priced
from .purse import CHARACTERS, STEPS, paid, paid_text, pay, purse, refuse

# Of a number that is given to a filter or a method: a width, an indentation.
WIDEST = 10**4
LARGEST = 2**63
HIGHEST_POWER = 64
# They look at no item, or at one.
INSTANT_FILTERS = ("length", "count", "first", "last", "default", "d")
# They make much out of little, or something else every time.
REFUSED_FILTERS = ("center", "format", "wordwrap", "urlize", "xmlattr", "pprint", "random", "batch", "slice")
WIDE_PERCENT = re.compile(r"%[^a-zA-Z%]*(?:\d{5,}|\*)")
WIDE_BRACES = re.compile(r"\{[^{}]*(?:\d{5,}|\{)")


class BoundedEnvironment(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self) -> None:
        # Unoptimized: what is reckoned while compiling would not be paid for.
        super().__init__(
            trim_blocks=True,
            lstrip_blocks=True,
            optimized=False,
            finalize=paid_text,
            extensions=["jinja2.ext.loopcontrols", Generation],
        )
        del self.globals["lipsum"]
        self.globals["range"] = _range
        self.filters = {
            name: one if name in INSTANT_FILTERS else _paid(one)
            for name, one in self.filters.items()
            if name not in REFUSED_FILTERS
        }
        self.filters |= {"join": _join, "replace": _replace}
        self.filters |= {"_counted": _counted, "_step": _step, "_text": paid_text, "_size": paid}

    def template(self, source: str) -> Template:
        with purse(STEPS):
            return self.from_string(Priced().visit(self.parse(source)))

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Templates build lists of their own."""
        return (isinstance(obj, list) and attr == "append") or super().is_safe_attribute(obj, attr, value)

    def call(self, context: Context, obj: Any, *args: Any, **kwargs: Any) -> Any:
        pay(1)
        owner = getattr(getattr(obj, "__wrapped__", obj), "__self__", None)
        if isinstance(owner, str):
            args = _checked(owner, obj.__name__, args)
        return paid(super().call(context, obj, *args, **kwargs))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        match operator, left, right:
            case "%", str(), _:
                refuse(bool(WIDE_PERCENT.search(left)))
                paid_text(right)
            case "*", int() | float(), int() | float():
                refuse(abs(left) > LARGEST or abs(right) > LARGEST)
            case ("*", _, int(times)) | ("*", int(times), _):
                thing = right if left is times else left
                pay(len(thing) * max(times, 0) // CHARACTERS)
            case "**", _, _:
                refuse(abs(left) > LARGEST or abs(right) > HIGHEST_POWER)
        return paid(super().call_binop(context, operator, left, right))


class Generation(Extension):
    """{% generation %} marks for training what the model wrote; for a prompt it means nothing."""

    tags = {"generation"}  # noqa: RUF012

    def parse(self, parser: Parser) -> list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def _checked(text: str, method: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments of a text's method, paid for before it makes much out of little."""
    pay(len(text) // CHARACTERS)
    refuse(method != "format" and any(isinstance(one, int) and one > WIDEST for one in args))
    match method, args:
        case "format" | "format_map", _:
            refuse(bool(WIDE_BRACES.search(text)))
            paid_text(args)
        case "join", (parts,):
            return (list(_texts(parts, len(text))),)
        case "replace", (str(old), str(new), *_):
            pay(text.count(old) * len(new) // CHARACTERS)
    return args


def _paid(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def filtered(*args: Any, **kwargs: Any) -> Any:
        pay(1 + sum(len(one) for one in args if isinstance(one, list | tuple | dict | range)))
        refuse(any(isinstance(one, int) and one > WIDEST for one in (*args[1:], *kwargs.values())))
        return paid(function(*args, **kwargs))

    return filtered


def _texts(values: Iterable[Any], gap: int) -> Iterator[str]:
    for value in values:
        pay(1 + gap // CHARACTERS)
        yield str(paid_text(value))


def _join(values: Iterable[Any], gap: str = "") -> str:
    return gap.join(_texts(values, len(gap)))


def _replace(value: Any, old: str, new: str, count: int | None = None) -> str:
    text = str(paid_text(value))
    pay(text.count(old) * len(new) // CHARACTERS)
    return text.replace(old, new, -1 if count is None else count)


def _range(*limits: int) -> range:
    numbers = range(*limits)
    pay(len(numbers))
    return numbers


def _counted(values: Any, price: int) -> Any:
    if not isinstance(values, list | tuple | dict | str | range):
        return _counting(values, price)
    pay(price * len(values))
    return values


def _counting(values: Iterable[Any], price: int) -> Iterator[Any]:
    for value in values:
        pay(price)
        yield value


def _step(_: object, price: int) -> None:
    pay(price)
