"""Talk with a running node. Without a terminal: one question from the command line or stdin, the answer to stdout."""

import argparse
import contextlib
import sys
import unicodedata
from collections.abc import Generator
from contextlib import closing
from typing import Any

from ..settings import Settings, nearest
from . import amounts, connect
from .client import Client, NodeFailed
from .keys import is_terminal
from .verdict import in_words

EXAMPLES = """examples:
  python main.py chat
  python main.py chat "Name three rivers."
  python main.py chat --verbose "What is 17 times 23?"
  git diff | python main.py chat --system "Describe this change in one sentence."
"""
SETTINGS = ("host", "port", "state_dir")
HELP = """  /new    forget what was said, and begin again
  /how    say after each answer how it was chosen, or stop saying it
  /help   this
  /exit   leave; so do Ctrl-D, and Ctrl-C twice
  Ctrl-C  stops the answer"""

Messages = list[dict[str, str]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("question", nargs="?", metavar="QUESTION", help="ask this, print the answer, and end")
    connect.add_flags(parser)
    parser.add_argument("--system", metavar="TEXT", help="tell the model first what it is to be")
    parser.add_argument("--verbose", action="store_true", help="say after each answer how it was chosen")
    parser.add_argument("--max-tokens", type=amounts.count, metavar="N", help="the longest answer (default: what fits)")


def run(settings: Settings, words: argparse.Namespace) -> int:
    client = connect.connect(settings, words)
    talk = Talk(client, words.system, words.max_tokens)
    if words.question is None and is_terminal():
        return Conversation(talk, words.verbose).run()
    return once(talk, _question(words.question), words.verbose)


def once(talk: "Talk", question: str, verbose: bool = False) -> int:
    if not question.strip():
        raise NodeFailed('There is no question. Ask one: python main.py chat "Name three rivers."')
    show = visible if sys.stdout.isatty() else str
    with closing(talk.ask(question)) as answer:
        for text in answer:
            print(show(text), end="", flush=True)
    print()
    if verbose and talk.chosen:
        print(visible(talk.chosen), file=sys.stderr)
    return 0


class Talk:
    """What was said so far; each question is asked with all of it."""

    def __init__(self, client: Client, system: str | None, max_tokens: int | None) -> None:
        self.client = client
        self.chosen = ""  # how the last answer was, in words
        self._system: Messages = [{"role": "system", "content": system}] if system else []
        self._wishes: dict[str, Any] = {"max_tokens": max_tokens} if max_tokens is not None else {}
        self._said: Messages = []

    def forget(self) -> None:
        self._said = []

    def ask(self, question: str) -> Generator[str, None, None]:
        """The answer in pieces. What failed counts as not asked; what was stopped, as far as it came."""
        asked: Messages = [*self._said, {"role": "user", "content": question}]
        answer: list[str] = []
        self.chosen = ""
        body = {"model": "swarm", "messages": [*self._system, *asked], **self._wishes}
        try:
            with closing(self.client.stream(body)) as events:
                for event in events:
                    self.chosen = in_words(event.get("swarm", {})) or self.chosen
                    for choice in event.get("choices", ()):
                        if text := choice["delta"].get("content"):
                            answer.append(text)
                            yield text
        except NodeFailed:
            answer.clear()
            raise
        finally:
            if answer:
                self._said = [*asked, {"role": "assistant", "content": "".join(answer)}]


class Conversation:
    """Lines in, answers out, until the user leaves."""

    def __init__(self, talk: Talk, verbose: bool = False) -> None:
        self._talk = talk
        self._verbose = verbose
        self._stopped = False  # the last thing was a Ctrl-C: one more leaves

    def run(self) -> int:
        with contextlib.suppress(ImportError):
            import readline  # noqa: F401  line editing and history; Windows has its own
        models = [model["id"] for model in self._talk.client.models()]
        print(f"{models[-1]} at {self._talk.client.url}. /help lists what else can be typed.\n")
        while self._turn():
            pass
        return 0

    def _turn(self) -> bool:
        """False when the user leaves."""
        try:
            line = input("> ").strip()
        except EOFError:
            print()
            return False
        except KeyboardInterrupt:
            print("" if self._stopped else "\n(Ctrl-C again leaves)")
            again, self._stopped = self._stopped, True
            return not again
        self._stopped = False
        if line.startswith("/"):
            return self._command(line)
        if line:
            self._answer(line)
        return True

    def _command(self, line: str) -> bool:
        known = ("/new", "/how", "/help", "/exit")
        if line == "/new":
            self._talk.forget()
            print("(what was said is forgotten)\n")
        elif line == "/how":
            self._verbose = not self._verbose
            print(f"(how an answer was chosen is {'said after it' if self._verbose else 'not said any more'})\n")
        elif line == "/help":
            print(HELP + "\n")
        elif line != "/exit":
            print(f"There is no {line.split()[0]}. Did you mean {nearest(line, known) or '/help'}?\n")
        return line != "/exit"

    def _answer(self, question: str) -> None:
        try:
            with closing(self._talk.ask(question)) as answer:
                for text in answer:
                    print(visible(text), end="", flush=True)
        except KeyboardInterrupt:
            self._stopped = True
            print(" (stopped)", end="")
        except NodeFailed as error:
            print(f"error: {error}", end="")
        print(f"\n({visible(self._talk.chosen)})\n" if self._verbose and self._talk.chosen else "\n")


def visible(text: str) -> str:
    """Without control characters: what a model writes must not steer the terminal."""
    return "".join(mark for mark in text if mark in "\n\t" or unicodedata.category(mark) != "Cc")


def _question(word: str | None) -> str:
    if word is not None:
        return word
    try:
        return "" if sys.stdin is None else sys.stdin.read()
    except UnicodeDecodeError:
        raise NodeFailed("What came in on stdin is not text. Send UTF-8.") from None
