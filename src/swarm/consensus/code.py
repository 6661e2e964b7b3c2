"""Code in its canonical form: of Python the syntax tree, of other languages the tokens. Pure."""

import re

from . import python_code

# Of all that is written, spaces aside, so much stands in one fence.
MOST = 0.5
# Characters; a longer block is compared as it is.
LONGEST = 50_000
FENCE = re.compile(r"^[ \t]*(```++|~~~++)[ \t]*([\w+#.-]*)[^\n]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.M | re.S)

PYTHON = frozenset({"", "python", "python3", "py"})
# Where the ends of lines, and what lines begin with, mean something.
BY_LINES = frozenset({
    "yaml", "yml", "makefile", "make", "haskell", "hs", "diff", "patch", "markdown", "md", "text", "txt", "python",
    "python3", "py", "nim", "dockerfile",
})  # fmt: skip
SHELL = frozenset({"sh", "bash", "shell", "zsh", "console", "fish", "ruby", "rb", "r", "perl", "toml", "ini"})
DASHES = frozenset({"sql", "lua", "ada"})
STRING = r"\"(?:\\.|[^\"\\\n])*+\"|'(?:\\.|[^'\\\n])*+'|`(?:\\.|[^`\\])*+`"
TOKENS = rf"(?P<token>{STRING}|\w+(?:\.\d+)?|[^\w\s])"
SLASHES = re.compile(rf"//[^\n]*|/\*.*?\*/|{TOKENS}", re.S)
HASH = re.compile(rf"(?<!\S)#[^\n]*|(?P<end>\n)|{TOKENS}", re.S)
DASH = re.compile(rf"--[^\n]*|/\*.*?\*/|{TOKENS}", re.S)


def block(text: str) -> tuple[str, str] | None:
    """The language and the code of the fence that most of the answer stands in."""
    found = [(language.lower(), inside) for _, language, inside in FENCE.findall(text)]
    if not found:
        return None
    language, inside = max(found, key=lambda one: _size(one[1]))
    return (language, inside) if _size(inside) >= MOST * _size(text) and inside.strip() else None


def key(language: str, code: str) -> str:
    if len(code) > LONGEST:
        return code.strip()
    if language in PYTHON and (tree := python_code.canonical(code)) is not None:
        return f"python\n{tree}"
    return f"{language}\n{_tokens(language, code)}"


def _tokens(language: str, code: str) -> str:
    if language in BY_LINES:
        return "\n".join(line.rstrip() for line in code.strip("\n").splitlines() if line.strip())
    pattern = HASH if language in SHELL else DASH if language in DASHES else SLASHES
    return "\n".join(_parts(pattern, code))


def _parts(pattern: re.Pattern[str], code: str) -> list[str]:
    """Tokens, and ends of lines where they count, each once."""
    parts: list[str] = []
    for found in pattern.finditer(code):
        if token := found["token"]:
            parts.append(token)
        elif pattern is HASH and found["end"] and parts and parts[-1]:
            parts.append("")
    return parts if not parts or parts[-1] else parts[:-1]


def _size(text: str) -> int:
    return len("".join(text.split()))
