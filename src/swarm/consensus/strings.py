"""One short string of a JSON value in its canonical form, by what its name and its look say that it is. Pure."""

import ntpath
import posixpath
import re

# To the letter, be they ever so long.
COMMAND = re.compile(r"(?:^|_)(?:command|commands|cmd|args?|argv|pattern|regex|regexp|sql)$")
# To the letter as well, but soft where they are long.
LITERAL = re.compile(
    r"(?:^|_)(?:content|contents|code|string|text|patch|diff|body|script|symbol|name|id|key|token|password)$"
)
PATH = re.compile(r"(?:^|_)(?:path|paths|file|files|filename|filepath|dir|directory|folder|cwd|workdir)$")
PATH_LIKE = re.compile(r"(?:\.{0,2}/|[A-Za-z]:\\)[^\s\"'`|;&<>]*")
DRIVE = re.compile(r"[A-Za-z]:\\")
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
# Between its quotes spaces count.
QUOTED = re.compile(r"[\"'\\\n`$]")
CAMEL = re.compile(r"([a-z0-9])([A-Z])")
# As people write words: `paris`, `San Francisco, CA`, but not `getName`, `a.b` or `rm -R`.
WORD = r"(?:[A-Z]?[a-z]+|[A-Z]+)(?:'[a-z]+)?"
WORDS = re.compile(rf"{WORD}(?:,? {WORD})*[.!?]?")


def canonical(text: str, name: str) -> str:
    """A command or a path; empty where it is neither. `name`: of the field, in small letters with underscores."""
    if COMMAND.search(name):
        return command(text)
    if "\n" not in text and (PATH.search(name) or (PATH_LIKE.fullmatch(text) and not LITERAL.search(name))):
        return path(text)
    return ""


def path(text: str) -> str:
    text = text.strip()
    if not text or ADDRESS.match(text):
        return text
    if DRIVE.match(text):
        return ntpath.normpath(text)
    normal = posixpath.normpath(text)
    return normal[1:] if normal.startswith("//") else normal


def command(text: str) -> str:
    """Its words stay as they are and where they are."""
    text = text.strip()
    return text if QUOTED.search(text) else re.sub(r"[ \t]+", " ", text)


def words(text: str, name: str) -> str:
    """Where it is words alone their case and the punctuation between them do not count."""
    if LITERAL.search(name) or not WORDS.fullmatch(text):
        return text
    return re.sub(r"[,.!?]", "", text).lower()


def snake(name: str) -> str:
    return CAMEL.sub(r"\1_\2", name).lower()
