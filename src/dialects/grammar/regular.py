"""A Lark grammar without recursion as one regular expression, which then can stand for a text in any form of call.

Rules and terminals are put in where they are named. What is not a regular language, or not known here, is refused.
"""

import re

from .written import NotRegular, Token, expression_of, tokens_of

# Rules that use one another twice double with each step.
LONGEST = 20_000
# Of rules in rules and brackets in brackets; the parser of expressions has a bound as well.
DEEPEST = 40
# Lark's own library of terminals, those of them that are regular and that people import.
COMMON = {
    "LF": r"\n",
    "CR": r"\r",
    "NEWLINE": r"(?:\r?\n)+",
    "WS": r"[ \t\f\r\n]+",
    "WS_INLINE": r"[ \t]+",
    "DIGIT": r"[0-9]",
    "HEXDIGIT": r"[0-9a-fA-F]",
    "INT": r"[0-9]+",
    "SIGNED_INT": r"[+\-]?[0-9]+",
    "LETTER": r"[a-zA-Z]",
    "LCASE_LETTER": r"[a-z]",
    "UCASE_LETTER": r"[A-Z]",
    "WORD": r"[a-zA-Z]+",
    "CNAME": r"[_a-zA-Z][_a-zA-Z0-9]*",
    "DECIMAL": r"[0-9]+\.[0-9]*|\.[0-9]+",
    "NUMBER": r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+\-]?[0-9]+)?",
    "SIGNED_NUMBER": r"[+\-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+\-]?[0-9]+)?",
    "ESCAPED_STRING": r'"(?:[^"\\\n]|\\[^\n])*"',
}
IMPORT = re.compile(r"%import\s+common\.(\w+)(?:\s*->\s*(\w+))?\s*(?://.*)?")
IMPORTS = re.compile(r"%import\s+common\s*\(([\w\s,]+)\)\s*(?://.*)?")
IGNORE = re.compile(r"%ignore\s+(.+)")


def as_expression(grammar: str) -> str:
    """In the dialect of Rust's regular expressions, for the whole text."""
    return _Grammar(grammar).whole()


class _Grammar:
    def __init__(self, text: str) -> None:
        self._rules: dict[str, list[Token]] = {}
        self._known: dict[str, str] = {}
        self._open: list[str] = []
        self._ignored: list[str] = []
        self._between = ""  # what may be ignored behind each terminal
        self._read(list(tokens_of(text)))

    def whole(self) -> str:
        ignored = [_Expression(self, list(tokens_of(text)), terminal=True).whole() for text in self._ignored]
        self._between = f"(?:{'|'.join(ignored)})*" if ignored else ""
        return self._between + self.named("start", terminal=False)

    def named(self, name: str, terminal: bool) -> str:
        """`terminal`: inside of a terminal, where nothing is ignored."""
        if name not in self._rules:
            raise NotRegular(f"'{name[:40]}' is not defined in it")
        if name in self._open:
            raise NotRegular(f"'{name[:40]}' is defined by itself")
        if len(self._open) > DEEPEST:
            raise NotRegular("it is nested too deeply")
        terminal_itself = name.lstrip("_")[:1].isupper()
        key = f"{name} {terminal}"
        if key not in self._known:
            self._open.append(name)
            inside = terminal or terminal_itself
            found = _Expression(self, self._rules[name], inside).whole()
            self._known[key] = found if inside is terminal else found + self._between
            self._open.pop()
        return self._known[key]

    def followed(self, expression: str, terminal: bool) -> str:
        """A literal terminal of a rule, and what may be ignored behind it."""
        return expression if terminal else expression + self._between

    def _read(self, tokens: list[Token]) -> None:
        rule: list[Token] = []
        for token in tokens:
            if token.kind == "head":
                rule = self._rules.setdefault(token.text.strip("?!: \t").partition(".")[0], [])
            elif token.kind == "directive":
                self._direct(token.text)
            elif token.kind != "alias":
                rule.append(token)

    def _direct(self, text: str) -> None:
        if found := IMPORT.fullmatch(text):
            self._import(found[1], found[2] or found[1])
        elif found := IMPORTS.fullmatch(text):
            for name in found[1].replace(",", " ").split():
                self._import(name, name)
        elif found := IGNORE.fullmatch(text):
            self._ignored.append(found[1])
        else:
            raise NotRegular(f"'{text[:40]}' is not known here")

    def _import(self, name: str, known_as: str) -> None:
        if name not in COMMON:
            raise NotRegular(f"'common.{name[:40]}' is not known here")
        self._rules[known_as] = [Token("pattern", f"/{COMMON[name]}/")]


class _Expression:
    """One rule's right side, read from left to right."""

    def __init__(self, grammar: _Grammar, tokens: list[Token], terminal: bool) -> None:
        self._grammar = grammar
        self._tokens = tokens
        self._terminal = terminal
        self._at = 0
        self._depth = 0

    def whole(self) -> str:
        found = self._choice()
        if self._at < len(self._tokens):
            raise NotRegular(f"'{self._tokens[self._at].text[:40]}' has no place in it")
        return found

    def _choice(self) -> str:
        options = [self._sequence()]
        while self._took("|"):
            options.append(self._sequence())
        return options[0] if len(options) == 1 else _group(_checked("|".join(options)))

    def _sequence(self) -> str:
        parts: list[str] = []
        while (token := self._next()) and token.text not in ("|", ")", "]"):
            parts.append(self._repeated(self._one()))
        return _checked("".join(parts))

    def _one(self) -> str:
        token = self._tokens[self._at]
        self._at += 1
        match token:
            case Token("mark", "(" | "["):
                self._depth += 1
                if self._depth > DEEPEST:
                    raise NotRegular("it is nested too deeply")
                inside = self._choice()
                self._depth -= 1
                if not self._took(")" if token.text == "(" else "]"):
                    raise NotRegular(f"a '{token.text}' in it is not closed")
                return _group(inside) if token.text == "(" else f"{_group(inside)}?"
            case Token("name"):
                return _group(self._grammar.named(token.text, self._terminal))
            case Token("mark" | "times"):
                raise NotRegular(f"'{token.text}' has nothing before it")
        return self._grammar.followed(_group(expression_of(token)), self._terminal)

    def _repeated(self, one: str) -> str:
        token = self._next()
        if token and token.text in ("?", "*", "+"):
            self._at += 1
            return _group(one) + token.text
        if token and token.kind == "times":
            self._at += 1
            least, _, most = re.sub(r"[~\s]", "", token.text).partition("..")
            return f"{_group(one)}{{{least},{most or least}}}"
        return one

    def _next(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _took(self, mark: str) -> bool:
        token = self._next()
        taken = token is not None and token.kind == "mark" and token.text == mark
        self._at += taken
        return taken


def _group(expression: str) -> str:
    return f"(?:{expression})"


def _checked(expression: str) -> str:
    if len(expression) > LONGEST:
        raise NotRegular("it becomes too long")
    return expression
