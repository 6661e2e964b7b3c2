"""The grammar of one request: when it may think, talk, call, and answer in JSON."""

import re
from collections.abc import Iterable
from typing import Any

from ...chat import ToolChoice
from ..family import CallRules, Thought
from .heads import BLANKS, Strays, begun
from .lark import Special, begins_with_control, escaped, json_value, literal, marked, resolved

# A small model that repeats itself must come to an end.
MOST_CALLS = 32
# A budget that no context reaches is none, and the grammar holds no larger numbers than 2**64.
MOST_BUDGET = 2**31
ANYTHING = "(?s:.*)"
# Between a thought and what follows it, where that is not free text.
GAP = r"/\n{1,2}/?"


def _no_token(name: str) -> bool:
    return False


def compose(
    rules: CallRules | None,
    choice: ToolChoice,
    thought: Thought | None,
    thinking: bool,
    budget: int | None,
    answer: dict[str, Any] | None,
    triggers: tuple[str, ...],
    special: Special = _no_token,
    strays: Strays | None = None,
) -> str | None:
    """llguidance's Lark, or None where the model may write whatever it likes.

    `thinking`: the prompt ends inside the thought. A `thought` without it: the model may open one by itself.
    `budget`: so many tokens of thinking, give or take one, and then its closing marker is forced.
    `answer`: the schema of an answer in JSON.
    `strays`: calls in a form that is not the family's, where words may stand too.
    Besides `call`, the rules may define `say`: what stands before words and before JSON.
    """
    budget = None if budget is not None and budget > MOST_BUDGET else budget
    defined = _names(rules)
    calls = "call" in defined and choice.mode != "none"
    banned = triggers if rules and choice.mode == "none" else ()
    if not (calls or banned or answer is not None or (thought and budget is not None)):
        return None
    say = "say " if "say" in defined else ""
    gap = f"{GAP} " if thought else ""
    body = _body(calls, choice.mode == "required", answer is not None, say, gap)
    body += " | stray" if strays else ""
    lines = [f"start: {_whole(thought, thinking, budget, body, special)}"]
    lines += _text(triggers if calls else (), banned, thought, special, strays)
    if thought:
        lines += _thought(thought, budget, special)
    if rules:
        lines.append(resolved(rules.rules, special))
    if rules and calls:
        lines.append(f"calls: {_calls(rules, choice, special)}")
    if strays:
        lines += strays.rules(MOST_CALLS if choice.parallel else 1)
    if answer is not None:
        lines.append(f"answer: {json_value(answer)}")
    return "\n".join(lines) + "\n"


def _names(rules: CallRules | None) -> set[str]:
    return set(re.findall(r"^(\w+)(?:\[[^\]]*\])?\s*:", rules.rules, re.MULTILINE)) if rules else set()


def _body(calls: bool, required: bool, answer: bool, say: str, gap: str) -> str:
    if calls and required:
        return f"{gap}calls"
    if calls and answer:
        return f"{gap}(calls | {say}answer)"
    if answer:
        return f"{gap}{say}answer"
    if calls:
        return f"({say}text)? calls | {say}text"
    return f"{say}text"


def _calls(rules: CallRules, choice: ToolChoice, special: Special) -> str:
    one = f"{resolved(rules.first, special)} call"
    if choice.parallel and rules.several:
        one += f" ({resolved(rules.between, special)} call){{0,{MOST_CALLS - 1}}}"
    return f"{one} {resolved(rules.last, special)}"


def _whole(thought: Thought | None, thinking: bool, budget: int | None, body: str, special: Special) -> str:
    if thought and thinking:
        return f"thought ({body})"
    if thought and budget != 0:
        return f"({_opening(thought, special)} thought)? ({body})"
    return body


def _opening(thought: Thought, special: Special) -> str:
    """What stands before the marker is apart from it: as one with it, it would keep a call from following."""
    marker = thought.opening.lstrip()
    before = thought.opening.removesuffix(marker)
    return f"{literal(before)} {marked(marker, special)}" if before else marked(marker, special)


def _thought(thought: Thought, budget: int | None, special: Special) -> list[str]:
    """`thought`: from behind the opening marker to the end of the closing one."""
    close = marked(thought.closing, special)
    limit = "" if budget is None else f"[max_tokens={budget}]"
    if budget == 0:
        return [f"thought: {close}"]
    if begins_with_control(thought.closing, special):
        return [f"thought: thinking {close}", f"thinking{limit}: THINKING", f"THINKING: {_without([thought.closing])}"]
    if budget is None:
        return ["thought[lazy]: THOUGHT", f"THOUGHT: /{ANYTHING}{escaped(thought.closing)}/"]
    inner = f"%lark {{\nstart: PIECE*\nPIECE: {_piece([thought.closing])}\n}}"
    return [f"thought: thinking {close}", f"thinking{limit}: {inner}"]


def _text(
    triggers: Iterable[str], banned: Iterable[str], thought: Thought | None, special: Special, strays: Strays | None
) -> list[str]:
    """`text`: any words up to what may follow them."""
    follow = [*triggers, *([thought.opening.lstrip()] if thought else [])]
    plain = [marker for marker in follow if not begins_with_control(marker, special)]
    if strays:
        return _text_before(strays, plain, [] if plain else follow)
    if plain and not banned:
        return ["text: TEXT*", f"TEXT: {_piece(plain)}"]
    return ["text: TEXT", f"TEXT: {_without([*follow, *banned])}"]


def _text_before(strays: Strays, markers: list[str], banned: list[str]) -> list[str]:
    """A text behind which a call of a foreign form may begin as well: in pieces, see `_piece`.

    No two of what is PLAIN follow each other: a marker that is banned would be divided between them.
    """
    openings = [*markers, *strays.openings]
    stop = "".join(sorted({escaped(opening[0]) for opening in openings}))
    name = "".join(sorted({escaped(one[0]) for one in strays.names}))
    lines = [
        "odd: ODD PLAIN? | FENCED unnamed?",
        "unnamed: OTHER | SOME PLAIN?",
        f"PLAIN: /[^{stop}]+/{_but(banned)}",
        f"ODD: /{'|'.join([*_beginnings(markers), begun(strays.fenced())])}/ & /(?s:.+)/",
        f"OTHER: /[^{stop}{name}][^{stop}]*/{_but(banned)}",
        f"SOME: /{begun(strays.named())}/ & /(?s:.+)/",
    ]
    if not strays.bare:
        return ["text: PLAIN? odd*", *lines]
    first = f"{BLANKS}{stop}{escaped('{[' if strays.listed else '{')}"
    return [
        "text: BLANK? (FIRST | START PLAIN? | BARE unnamed?)? odd*",
        *lines,
        f"FIRST: /[^{first}][^{stop}]*/{_but(banned)}",
        f"START: /{begun(strays.object())}/ & /(?s:.+)/",
    ]


def _without(markers: list[str]) -> str:
    """Any text in which none of these is spelled out."""
    return f"/{ANYTHING}/{_but(markers)}"


def _but(markers: Iterable[str]) -> str:
    spelled = "|".join(map(escaped, markers))
    return f" & ~/{ANYTHING}({spelled}){ANYTHING}/" if spelled else ""


def _piece(markers: list[str]) -> str:
    """A piece of a text that may be followed by one of these markers.

    The lexer takes what is longest and never goes back. So a text that may be followed by a marker must come in pieces
    that do not reach into it: up to where one could begin, or so much of one as is still not the whole of it. What
    turns out to be no marker is then just another piece. (Exact as long as no marker begins again within itself.)
    """
    first = "".join(sorted({escaped(marker[0]) for marker in markers}))
    return "/" + "|".join([f"[^{first}]+", *_beginnings(markers)]) + "/"


def _beginnings(markers: list[str]) -> list[str]:
    return [escaped(one) for one in sorted({marker[:at] for marker in markers for at in range(1, len(marker))})]
