"""The table of commands. One module each, loaded only when its command is used.

A new command is a module with the four names of `Code`, and one line here.
"""

import argparse
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from ..settings import Settings

PLAIN = "serve"  # what a command line without a command means


class Code(Protocol):
    """What the module of a command holds. Its docstring begins the help."""

    __doc__: str | None
    EXAMPLES: str
    SETTINGS: tuple[str, ...]  # those that its help shows; it accepts all

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Its own flags and words; for words below a command give a positional `choices`."""

    @staticmethod
    def run(settings: Settings, words: argparse.Namespace) -> int:
        """The exit code: 0 fine, 1 failure. An expected failure is a SwarmError."""


@dataclass(frozen=True, slots=True)
class Command:
    name: str
    help: str
    despite_settings: bool = False  # it runs, with defaults, where the settings are wrong
    passes_on: bool = False  # what stands behind `--` is another program's, and comes as `words.passed_on`

    def code(self) -> Code:
        return cast(Code, import_module(f"{__package__}.{self.name.replace('-', '_')}"))


COMMANDS = (
    Command("serve", "start a node; the same as no command at all"),
    Command("models", "what fits this machine, how fast it will be, and why the rest does not"),
    Command("status", "is the node of this machine up, what does it serve, how busy is it; and the other machines"),
    Command("swarm", "the code that other machines join with, a PIN for one, and who may not come back"),
    Command("tools", "the tools of a node, and the log of what they were called for"),
    Command("chat", "talk with a running node in the terminal"),
    Command("launch", "start a coding agent that works with a node: opencode, codex, claude ...", passes_on=True),
    Command("litellm-config", "a configuration of LiteLLM that leads to a node"),
    Command("config", "the settings in force, and where each comes from"),
    Command("doctor", "check this machine: numbered checks, each with cause and mend", despite_settings=True),
    Command("smoke", "start a node, generate, stop it: PASS or FAIL as JSON"),
    Command("bench", "tokens per second of this machine, reading and writing"),
    Command("completion", "a completion script for bash, zsh or fish"),
)
