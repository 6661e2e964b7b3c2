"""Questions that a model is asked once to see whether it is sound: what they are, and whether an answer is right. Pure.

They are few and easy on purpose. A broken file, a wrong template or a cache that is too coarse shows at once; which of
two good models is the better one does not.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..chat import ChatRequest, Message, Policy, Reasoning, Sampling, Text, ToolCall, ToolSpec

# Those that think aloud come to an end too.
LONGEST_ANSWER = 256
NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
FENCE = re.compile(r"```(?:json)?\s*(.*?)```", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Question:
    """Exactly one of the checks is there."""

    ask: str
    number: float | None = None
    word: tuple[str, ...] = ()
    json: Any = None
    call: Mapping[str, Any] | None = None  # empty: no call is right

    def right(self, answer: Message) -> bool:
        if self.call is not None:
            return _is_call(answer.calls, self.call)
        if self.number is not None:
            return _last_number(answer.text) == self.number
        if self.word:
            return _says(answer.text, self.word)
        return _is_json(answer.text, self.json)


@dataclass(frozen=True, slots=True)
class SelfTest:
    """`version` is another one when anything in the questions is."""

    version: str
    questions: tuple[Question, ...]
    tools: tuple[ToolSpec, ...]

    def requests(self, model: str) -> Iterator[tuple[Question, ChatRequest]]:
        for number, question in enumerate(self.questions, 1):
            tools = () if question.call is None else self.tools
            yield question, _request(f"self-test-{self.version}-{number}", model, question.ask, tools)


def read(source: str) -> SelfTest:
    document = tomllib.loads(source)
    version = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:12]
    questions = [Question(**{**entry, "word": tuple(entry.get("word", ()))}) for entry in document["question"]]
    return SelfTest(version, tuple(questions), tuple(ToolSpec(**entry) for entry in document["tool"]))


def _request(id: str, model: str, ask: str, tools: tuple[ToolSpec, ...]) -> ChatRequest:
    message = Message("user", (Text(ask),))
    sampling = Sampling(temperature=0.0, max_tokens=LONGEST_ANSWER)
    policy = Policy(strategy="fast", local_only=True)
    return ChatRequest(id, model, (message,), tools, reasoning=Reasoning("none"), sampling=sampling, policy=policy)


def _is_call(calls: Sequence[ToolCall], wanted: Mapping[str, Any]) -> bool:
    if not wanted:
        return not calls
    if len(calls) != 1 or calls[0].name != wanted["name"]:
        return False
    return bool(_parsed(calls[0].arguments) == wanted["arguments"])


def _last_number(text: str) -> float | None:
    found = NUMBER.findall(text)
    return float(found[-1].replace(",", "")) if found else None


def _says(text: str, words: Sequence[str]) -> bool:
    """One that names several possibilities has not answered."""
    said = re.findall(r"\w+", text.lower())
    return len(said) <= 60 and any(word in said for word in words)


def _is_json(text: str, wanted: Any) -> bool:
    fenced = FENCE.search(text)
    return bool(_parsed(fenced[1] if fenced else text) == wanted)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
