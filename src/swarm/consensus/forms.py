"""What kind of answer a candidate is, whether it may vote, and what it says as a text that is equal for equals."""

from dataclasses import dataclass

from ...chat import Candidate, ChatRequest, Kind
from . import calls, code, json_form, short
from .looping import loops
from .said import Said


@dataclass(frozen=True, slots=True)
class Form:
    """Equal keys are the same vote; prose has none. `soft`: what else it says, in which those of one vote may differ.
    `act`: it calls tools. `exact`: it keeps to its schema to the letter, where another had to be read kindly.
    `said`: all of it as it was written."""

    kind: Kind
    valid: bool
    why: str = ""  # it has no vote
    key: str = ""
    soft: str = ""
    act: bool = False
    exact: bool = True
    said: str = ""


def form(candidate: Candidate, request: ChatRequest) -> Form:
    message = candidate.message
    kind, said = _read(message.text, candidate, request)
    written = message.text + "".join(f"\n{call.name} {call.arguments}" for call in message.calls)
    why = _unfit(candidate) or said.why
    if why:
        return Form(kind, False, why, act=bool(message.calls), said=written)
    return Form(kind, True, "", said.key, said.soft, bool(message.calls), said.exact, written)


def _read(text: str, candidate: Candidate, request: ChatRequest) -> tuple[Kind, Said]:
    if candidate.message.calls:
        return "tool_call", calls.said(candidate.message.calls, request)
    if request.tools and request.tool_choice.mode == "required":
        return "tool_call", Said(why="It calls no tool, and one was required.")
    if request.response_format is not None:
        return "json", json_form.said(text, request.response_format)
    answer = short.marked(text)
    if answer is None and (block := code.block(text)):
        return "code", Said(code.key(*block), text)
    answer = answer or short.answer(text)
    return ("short", Said(answer, text)) if answer else ("prose", Said("", text))


def _unfit(candidate: Candidate) -> str:
    message = candidate.message
    if candidate.reason == "length":
        return "It was cut off."
    if not message.calls and not message.text.strip():
        return "It says nothing."
    if loops(message.text) or calls.loop(message.calls):
        return "It repeats itself without end."
    return ""
