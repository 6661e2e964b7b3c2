"""How the model that is loaded is spoken to: its dialect, with the texts of `config/prompts/`."""

from collections.abc import Callable
from functools import partial

from ..dialects.base import Dialect
from ..dialects.choose import choose
from ..engines.base import Card
from ..models.catalogue import quants
from ..models.choose import Choice
from ..swarm.member import Details
from .config import prompt

PLAIN_TEMPLATE = "plain_chat.jinja"
INSTRUCTIONS = "tool_instructions.txt"
TALKING = "talking.txt"


def check(name: str | None) -> None:
    """SettingError where there is no such dialect."""
    choose(None, "", "", "", str, name or "")


def dialect_of(name: str | None) -> Callable[[Card], Dialect]:
    plain, instructions = prompt(PLAIN_TEMPLATE), partial(prompt, INSTRUCTIONS)

    def chosen(card: Card) -> Dialect:
        ids = dict(card.markers)
        return choose(card.template, card.bos, card.eos, plain, instructions, name or "", ids.get, ids)

    return chosen


def talking() -> str:
    """What describes talking to a model that has to choose between it and its tools."""
    return prompt(TALKING)


def details_of(choice: Choice, grade: float = 0.0) -> Details:
    """The name of a file says how it is quantised, where that of the model does not. `grade`: how good the model is,
    from 0 to 1 where the catalogue knows it."""
    said = quants.key(choice.name.rpartition(":")[2] or choice.path.stem)
    quant = max((quant for quant in quants.GGUF if quants.key(quant) in said), key=len, default="")
    speed = choice.plan.speed
    return Details(quant=quant.upper(), reads=speed.reading, writes=speed.writing, strength=grade)
