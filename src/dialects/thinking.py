"""A model's thinking, apart from its answer."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..chat import Message, Reasoning, Text, Thinking
from .family import Thought

# Is it thinking? An empty one says that a thought is over.
Stretch = tuple[bool, str]


class Thoughts:
    """Tells thinking from answer in text that comes in any pieces.

    A marker counts only where nothing of the answer came before it: answers may speak of markers. White space
    around markers belongs to them.
    """

    def __init__(self, thought: Thought | None, thinking: bool) -> None:
        self._opening = thought.opening.strip() if thought else ""
        self._closing = thought.closing.strip() if thought else ""
        self._thinking = thinking and thought is not None
        self._answering = thought is None
        self._begun = False  # something was thought since the opening
        self._held = ""

    def feed(self, text: str) -> list[Stretch]:
        if self._answering:
            return [(False, text)]
        self._held += text
        return list(self._split())

    def again(self, text: str) -> list[Stretch]:
        """Text behind a call: there the model may think once more."""
        self._answering = not self._opening
        return self.feed(text)

    def finish(self) -> list[Stretch]:
        held, self._held = self._held, ""
        return [(self._thinking, held)] if held else []

    def _split(self) -> Iterator[Stretch]:
        while True:
            if self._thinking:
                yield from self._think()
                if self._thinking:
                    return
            text = self._held.lstrip()
            if not text.startswith(self._opening):
                break
            self._thinking, self._begun, self._held = True, False, text[len(self._opening) :]
        if not self._opening.startswith(text):
            self._answering, held, self._held = True, self._held, ""
            yield False, held

    def _think(self) -> Iterator[Stretch]:
        if not self._begun:
            self._held = self._held.lstrip()
        before, closing, behind = self._held.partition(self._closing)
        keep = 0 if closing else partial_length(before, (self._closing,))
        said = before[: len(before) - keep].rstrip()
        self._held = behind if closing else before[len(said) :]
        self._thinking = not closing
        self._begun = self._begun or bool(said)
        if said or closing:
            yield True, said


def partial_length(text: str, markers: tuple[str, ...]) -> int:
    """How much of the end of the text may be the beginning of a marker."""
    longest = min(len(text), max((len(marker) for marker in markers), default=1) - 1)
    for length in range(longest, 0, -1):
        end = text[-length:]
        if any(marker.startswith(end) for marker in markers):
            return length
    return 0


def recalled(messages: Sequence[Message], thought: Thought) -> tuple[Message, ...]:
    """Some clients send a whole answer back as one text, with the thought that it begins with still between its
    markers."""
    return tuple(_apart(message, thought) if message.role == "assistant" else message for message in messages)


def _apart(message: Message, thought: Thought) -> Message:
    opening, closing = thought.opening.strip(), thought.closing.strip()
    text = message.text.lstrip()
    if message.thinking or not text.startswith(opening) or closing not in text:
        return message
    thoughts, _, said = text.removeprefix(opening).partition(closing)
    others = tuple(part for part in message.parts if not isinstance(part, Text))
    return replace(message, parts=(Thinking(thoughts.strip()), Text(said.lstrip()), *others))


def wishes(reasoning: Reasoning) -> dict[str, object]:
    """What a request asks of the model's thinking, by the names that templates know. Empty: as they do anyway."""
    if reasoning.off:
        return {"enable_thinking": False, "thinking": False, "reasoning_effort": "low"}
    if reasoning.effort is None and reasoning.budget is None:
        return {}
    told: dict[str, object] = {"enable_thinking": True, "thinking": True}
    if reasoning.effort:
        told["reasoning_effort"] = "low" if reasoning.effort == "minimal" else reasoning.effort
    return told


def ends_inside(prompt: str, thought: Thought | None) -> bool:
    return thought is not None and prompt.rstrip().endswith(thought.opening.strip())
