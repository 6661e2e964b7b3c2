"""The parsers of all commands. A wrong word ends in one sentence with the nearest known one."""

import argparse
from collections.abc import Sequence
from typing import NoReturn

from .. import settings
from ..node.version import VERSION
from .commands import COMMANDS, PLAIN, Command

PROGRAM = "python main.py"
SEPARATOR = "--"
NOT_KNOWN = "unrecognized arguments: "


class WrongUse(Exception):
    """The command line cannot be understood; the message says why in one sentence."""


class Parser(argparse.ArgumentParser):
    def __init__(self, prog: str, description: str = "", epilog: str = "") -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )

    def error(self, message: str) -> NoReturn:
        if message.startswith(NOT_KNOWN):
            word = message.removeprefix(NOT_KNOWN).split()[0]
            message = f"{word} is not known here{self._meant(word)}"
        raise WrongUse(f"{message}. See: {self.prog} --help")

    def flags(self) -> Sequence[argparse.Action]:
        """What can stand on the command line, the hidden left out."""
        # argparse has no public list; the completion packages read this one too.
        return [action for action in self._actions if action.help != argparse.SUPPRESS]

    def _meant(self, word: str) -> str:
        known = [name for action in self.flags() for name in action.option_strings]
        meant = settings.nearest(word.partition("=")[0], known)
        return f", perhaps you meant {meant}" if meant else ""


def parser_of(command: Command) -> Parser:
    code = command.code()
    plain = command.name == PLAIN
    parser = Parser(
        prog=PROGRAM if plain else f"{PROGRAM} {command.name}",
        description=code.__doc__ or command.help,
        epilog=(_list_of_commands() if plain else "") + code.EXAMPLES,
    )
    if plain:
        parser.add_argument("--version", action="version", version=f"Local Swarm {VERSION}")
    code.add_arguments(parser)
    settings.add_flags(parser, code.SETTINGS)
    return parser


def read(command: Command, argv: Sequence[str]) -> argparse.Namespace:
    at = argv.index(SEPARATOR) if command.passes_on and SEPARATOR in argv else len(argv)
    words = parser_of(command).parse_args(argv[:at])
    words.passed_on = list(argv[at + 1 :])
    return words


def split(argv: Sequence[str]) -> tuple[Command, list[str]]:
    """The command, wherever it stands among the settings, and the other words."""
    takes_value = {settings.CONFIG_FLAG, *(option.flag for option in settings.OPTIONS if option.kind is not bool)}
    may_be_alone = {option.flag for option in settings.OPTIONS if option.bare}
    at, before = 0, ""
    while at < len(argv) and argv[at].startswith("-"):
        before = argv[at]
        alone = before in may_be_alone and "".join(argv[at + 1 : at + 2]).startswith("-")
        at += 2 if before in takes_value and not alone else 1
    if at >= len(argv) or _is_its_value(argv[at], before):
        return _named(PLAIN), list(argv)
    return _named(argv[at]), [*argv[:at], *argv[at + 1 :]]


def _is_its_value(word: str, flag: str) -> bool:
    """Behind a flag that nobody knows, and like no command: then the flag is what is wrong."""
    if not flag or settings.nearest(word, [command.name for command in COMMANDS]):
        return False
    known = [name for action in parser_of(_named(PLAIN)).flags() for name in action.option_strings]
    return flag.partition("=")[0] not in known


def _named(name: str) -> Command:
    for command in COMMANDS:
        if command.name == name:
            return command
    meant = settings.nearest(name, [command.name for command in COMMANDS])
    mend = f"Did you mean: {PROGRAM} {meant}" if meant else f"The commands are listed by: {PROGRAM} --help"
    raise WrongUse(f"There is no command '{name}'. {mend}")


def _list_of_commands() -> str:
    rows = "\n".join(f"  {command.name:<12} {command.help}" for command in COMMANDS)
    return f"commands (each has its own --help):\n{rows}\n\n"
