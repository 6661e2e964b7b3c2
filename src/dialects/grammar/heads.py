"""How a call begins that a model writes in a form of its own instead of its family's: in a fence, or as a bare object.

    ```json                                                  {{"name": "get_weather", "arguments":
    {"name": "get_weather", "parameters":

A head goes up to the colon before the arguments. It is written once, here: the grammar needs it as an expression, and
the beginnings of it too; the scanner has to know how far a text is the beginning of one.

It is in two parts, a lead up to where the name begins and the rest from the name on: only the rest is another one for
each tool, and a client may offer hundreds. So any object with a `name` has a lead, and words may follow that too.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ...chat import ToolSpec
from .lark import escaped, json_value

FENCE = "```"
TAG = "<tool_call>"
TAG_END = "</tool_call>"
LABELS = ("", "json", "tool_call", "tool_calls", "tool_code")
WHITE = r"[ \t\r\n]"
# A small model may write blank space for ever; a nicely indented object has less than this.
GAP = f"{WHITE}{{0,16}}"
# Before an answer's first word: all that the scanner takes for white space.
BLANKS = "".join(f"\\u{code:04x}" for code in range(0x10000) if chr(code).isspace())
# Whose names look the same in JSON and hold no beginning of a fence or a marker.
PLAIN_NAME = re.compile(r"[A-Za-z0-9_.:/-]+")
# Brackets, fence and comma behind the arguments, whatever was opened before them: the scanner drops all of it.
TAIL = rf"{GAP}\}}({GAP}[}}\]]){{0,3}}({GAP}({escaped(FENCE)}|{escaped(TAG_END)}))?{GAP}([,;]{GAP})?"


@dataclass(frozen=True, slots=True)
class Blanks:
    """White space, which is never what follows it as well."""

    expression: str


@dataclass(frozen=True, slots=True)
class OneOf:
    options: tuple["Parts", ...]


Part = str | Blanks | OneOf
Parts = tuple[Part, ...]
SPACE = Blanks(GAP)


def maybe(*parts: Part) -> OneOf:
    return OneOf((parts, ()))


def one_of(texts: Sequence[str]) -> OneOf:
    return OneOf(tuple((text,) if text else () for text in texts))


def whole(parts: Parts) -> str:
    """The expression for all of it."""
    return "".join(map(_whole, parts))


def _whole(part: Part) -> str:
    match part:
        case str():
            return escaped(part)
        case Blanks(expression):
            return expression
        case OneOf(options):
            return f"(?:{'|'.join(map(whole, options))})"


def begun(parts: Parts) -> str:
    """The expression for every beginning of it, also of nothing, and never for all of it."""
    if not parts:
        return ""
    first, rest = parts[0], parts[1:]
    match first:
        case str():
            *before, last = map(escaped, first)
            ended = f"(?:{last}{begun(rest)})?" if rest else ""
            return "".join(f"(?:{one}" for one in before) + ended + ")?" * len(before)
        case Blanks(expression):
            return expression + begun(rest)
        case OneOf(options):
            within = [begun(option) for option in options if option]
            return f"(?:{'|'.join([*within, _whole(first) + begun(rest)])})"


def reach(parts: Parts, text: str, at: int = 0) -> int:
    """Up to where the text from there on is the beginning of it."""
    if not parts:
        return at
    first, rest = parts[0], parts[1:]
    match first:
        case str():
            same = next((place for place, one in enumerate(first) if not text.startswith(one, at + place)), len(first))
            return at + same if same < len(first) else reach(rest, text, at + same)
        case Blanks(expression):
            blanks = re.compile(expression).match(text, at)
            return reach(rest, text, blanks.end() if blanks else at)
        case OneOf(options):
            return max(reach((*option, *rest), text, at) for option in options)


@dataclass(frozen=True, slots=True)
class Strays:
    """The forms that are enforced for these tools. `bare`: also without a fence, where the answer begins. `listed`:
    also as an array. `tagged`: also between Hermes' tags, which are not the family's own."""

    tools: tuple[ToolSpec, ...]
    bare: bool = True
    listed: bool = True
    tagged: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(tool.name for tool in self.tools)

    @property
    def openings(self) -> tuple[str, ...]:
        return (FENCE, TAG) if self.tagged else (FENCE,)

    def fenced(self) -> Parts:
        """The lead of a call that stands anywhere."""
        fence: tuple[Parts, ...] = ((FENCE, one_of(LABELS)),)
        return (OneOf(fence + (((TAG,),) if self.tagged else ())), SPACE, *self.object())

    def next(self) -> Parts:
        """Behind another call, whose tail may have taken the fence of this one for the end of its own."""
        return (maybe(one_of(self.openings)), one_of(LABELS), SPACE, *self.object())

    def object(self) -> Parts:
        function = maybe('"function"', SPACE, ":", SPACE, "{", SPACE)
        kind = maybe('"type"', SPACE, ":", SPACE, '"function"', SPACE, ",", SPACE)
        brackets = (*((maybe("[", SPACE),) if self.listed else ()), "{", maybe("{"), SPACE)
        return (*brackets, kind, function, '"name"', SPACE, ":", SPACE, '"')

    def named(self, *names: str) -> Parts:
        """The rest of a head. `names`: of some of the tools; of all of them without."""
        arguments = one_of(("arguments", "parameters"))
        return (one_of(names or self.names), '"', SPACE, ",", SPACE, '"', arguments, '"', SPACE, ":")

    def rules(self, most: int) -> list[str]:
        """`stray`: words and then so many calls at most, up to the end of the answer."""
        bare = [f"BARE: /{whole(self.object())}/"] if self.bare else []
        leads = [f"FENCED: /{whole(self.fenced())}/", *bare, *([f"NEXT: /{whole(self.next())}/"] if most > 1 else [])]
        heads = [f"NAMED_{at}: /{whole(self.named(name))}/" for at, name in enumerate(self.names)]
        given = [f"given_{at}: GAP? {json_value(tool.schema)} TAIL" for at, tool in enumerate(self.tools)]
        named = "named: " + " | ".join(f"NAMED_{at} given_{at}" for at in range(len(self.tools)))
        first = "(text FENCED | BLANK? BARE)" if self.bare else "text FENCED"
        more = f" (NEXT named){{0,{most - 1}}}" if most > 1 else ""
        blank = [f"GAP: /{WHITE}{{1,16}}/", f"BLANK: /[{BLANKS}]+/", f"TAIL: /{TAIL}/"]
        return [f"stray: {first} named{more}", named, *given, *leads, *heads, *blank]


def strays(tools: Sequence[ToolSpec], own: Sequence[str], control: bool, bare: bool = True) -> Strays | None:
    """`own`: the texts with which the family's calls and thoughts begin. No head may hold the beginning of one that
    the scanner would then miss. `control`: all of them are control tokens, and none may be spelled out in a text.
    `bare`: the text begins with the answer."""
    named = tuple(tool for tool in tools if PLAIN_NAME.fullmatch(tool.name))
    firsts = {marker[0] for marker in own}
    tagged = not control and not any(TAG.startswith(marker) or marker.startswith(TAG) for marker in own)
    return Strays(named, bare and "{" not in firsts, "[" not in firsts, tagged) if named else None
