"""What can stand on our command line, as all shells need it."""

from dataclasses import dataclass

from ..commands import PLAIN

FILES = ("FILE", "MODEL")
FOLDER = "FOLDER"
# Beside main.py of ours, and of no other project.
MARK = ".package/run/localswarm/__init__.py"


@dataclass(frozen=True, slots=True)
class Flag:
    names: tuple[str, ...]
    help: str
    takes_value: bool
    choices: tuple[str, ...]
    placeholder: str

    @property
    def takes_file(self) -> bool:
        return self.placeholder in FILES

    @property
    def takes_folder(self) -> bool:
        return self.placeholder == FOLDER


@dataclass(frozen=True, slots=True)
class Verb:
    name: str
    help: str
    flags: tuple[Flag, ...]
    words: tuple[str, ...]  # that can follow it


@dataclass(frozen=True, slots=True)
class Grammar:
    verbs: tuple[Verb, ...]

    @property
    def plain(self) -> Verb:
        return next(verb for verb in self.verbs if verb.name == PLAIN)

    @property
    def valued(self) -> list[str]:
        """The flags after which a word is no command."""
        return sorted({name for verb in self.verbs for flag in verb.flags if flag.takes_value for name in flag.names})
