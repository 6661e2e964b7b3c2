"""Lark grammars without recursion, as expressions; and those that cannot be one, with the reason."""

import re

import pytest
from localswarm.dialects.grammar.regular import as_expression
from localswarm.dialects.grammar.written import NotRegular

PATCH = """
start: begin hunk+ end
begin: "*** Begin" LF
end: "*** End" LF?
hunk: add | update
add: "*** Add: " name LF line+   // a new file
update: "*** Update: " name LF ("@@" LF)? change*
name: /(.+)/
line: "+" /(.*)/ LF -> line
change: ("+" | "-" | " ") /(.*)/ LF
%import common.LF
"""
SUMS = """
start: number (SIGN number)*
number: "-"? DIGITS [FRACTION]
DIGITS: "0".."9"+
FRACTION: "." DIGITS
SIGN: "+"
    | "-"
%import common.WS_INLINE -> BLANK
%ignore BLANK
"""


@pytest.mark.parametrize(
    ("grammar", "text", "taken"),
    [
        (PATCH, "*** Begin\n*** Add: a.py\n+\n+x = 1\n*** End", True),
        (PATCH, "*** Begin\n*** Update: a\n@@\n-x\n y\n*** Add: b\n+1\n*** End\n", True),
        (PATCH, "*** Begin\n*** Add: a.py\n*** End", False),
        (PATCH, "*** Begin\n*** End", False),
        (PATCH, "Here it is:\n*** Begin\n*** Add: a\n+1\n*** End", False),
        (SUMS, "1 + -2.5 -3", True),
        (SUMS, " 12", True),
        (SUMS, "1 2", False),
        (SUMS, "1 + ", False),
        ('start: "a"i "b"', "Ab", True),
        ('start: "a"i "b"', "AB", False),
        ('start: A~2..3 | "x"~2\nA: /[ab]/', "aba", True),
        ('start: A~2..3 | "x"~2\nA: /[ab]/', "a", False),
        ('start: A~2..3 | "x"~2\nA: /[ab]/', "xx", True),
        ("start: /a.b/s", "a\nb", True),
        ("start: /a.b/", "a\nb", False),
        ('?start: _x\n_x.2: "\\n\\"/"', '\n"/', True),
        ("start: a b\r\na: /x/\r\nb: /y/", "xy", True),
        ("start: INT CNAME\n%import common (INT, CNAME)", "1a", True),
    ],
)
def test_a_grammar_is_an_expression(grammar: str, text: str, taken: bool) -> None:
    assert bool(re.fullmatch(as_expression(grammar), text)) is taken


@pytest.mark.parametrize(
    ("grammar", "why"),
    [
        ('start: "(" start ")" | "x"', "'start' is defined by itself"),
        ("start: a\na: b\nb: a?", "'a' is defined by itself"),
        ("start: a", "'a' is not defined"),
        ('a: "x"', "'start' is not defined"),
        ("", "'start' is not defined"),
        ('start: ("x"', "a '(' in it is not closed"),
        ('start: "x")', "')' has no place"),
        ("start: *", "'*' has nothing before it"),
        ("start: {x}", "it cannot be read"),
        ('start: "x', "it cannot be read"),
        ('start: "\\q"', "is no text"),
        ("start: X\n%import .other (X)", "is not known here"),
        ("start: X\n%import common.NOTHING -> X", "'common.NOTHING' is not known here"),
        ("start: X\n%declare X", "'%declare X' is not known here"),
        ("start: " + "(" * 5000 + '"x"' + ")" * 5000, "it is too long"),
        ("start: " + "(" * 500 + '"x"' + ")" * 500, "nested too deeply"),
        ("start: r0\n" + "\n".join(f"r{n}: r{n + 1}" for n in range(500)) + '\nr500: "x"', "nested too deeply"),
        ("start: r0\n" + "\n".join(f"r{n}: r{n + 1} r{n + 1}" for n in range(30)) + '\nr30: "x"', "becomes too long"),
    ],
)
def test_what_is_none(grammar: str, why: str) -> None:
    with pytest.raises(NotRegular, match=re.escape(why)):
        as_expression(grammar)
