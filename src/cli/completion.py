"""Print a completion script, made from the same tables as the parsers: commands, flags, choices and files."""

import argparse
from collections.abc import Callable

from ..settings import Settings
from .commands import COMMANDS
from .parser import parser_of
from .shells import bash, fish, zsh
from .shells.grammar import Flag, Grammar, Verb

EXAMPLES = """examples:
  eval "$(python main.py completion bash)"          in ~/.bashrc
  eval "$(python main.py completion zsh)"           in ~/.zshrc, after compinit
  python main.py completion fish | source           in ~/.config/fish/config.fish
"""
SETTINGS = ()
SHELLS: dict[str, Callable[[Grammar], str]] = {"bash": bash.script, "zsh": zsh.script, "fish": fish.script}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=tuple(SHELLS), help="the shell that reads the script")


def run(settings: Settings, words: argparse.Namespace) -> int:
    print(SHELLS[words.shell](grammar()), end="")
    return 0


def grammar() -> Grammar:
    verbs = []
    for command in COMMANDS:
        actions = parser_of(command).flags()
        flags = tuple(_flag(action) for action in actions if action.option_strings)
        words = [str(choice) for action in actions if not action.option_strings for choice in action.choices or ()]
        verbs.append(Verb(command.name, command.help, flags, tuple(words)))
    return Grammar(tuple(verbs))


def _flag(action: argparse.Action) -> Flag:
    return Flag(
        names=tuple(action.option_strings),
        help=(action.help or "").partition(" (")[0],
        takes_value=action.nargs != 0,
        choices=tuple(map(str, action.choices or ())),
        placeholder=str(action.metavar or ""),
    )
