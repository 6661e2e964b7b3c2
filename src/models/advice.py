"""What would fit instead, where the thing that was asked for does not. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..hardware.machine import Hardware, gib
from .card import ModelCard
from .fit.fit import BELOW_FLOOR, FLOOR, Body, Plan, Wish, fit, of_card

OVERRIDE = "--force takes it all the same"


def too_large(body: Body, plan: Plan, hardware: Hardware, wish: Wish, others: Iterable[ModelCard]) -> str:
    """The whole sentence: what does not fit, by how much, and each of the ways out that really is one."""
    need, room = gib(plan.need.total), gib(plan.room)
    setup = f"{plan.setup.context} tokens of context and {_seats(plan.setup.seats)}"
    ways = [*_contexts(body, hardware, wish, plan), *_models(hardware, wish, others), OVERRIDE]
    what = f"{body.name} does not fit: with {setup} it needs {need}"
    return f"{what}, and {room} of {plan.where} may be taken. {_list(ways)}."


def _contexts(body: Body, hardware: Hardware, wish: Wish, plan: Plan) -> Iterator[str]:
    for context in (FLOOR[wish.use], *BELOW_FLOOR):
        if context < plan.setup.context and fit(body, hardware, replace(wish, context=context)).fits:
            yield f"It fits with --context {context}"
            return
    if wish.seats != 1 and wish.seats and fit(body, hardware, replace(wish, seats=1)).fits:
        yield "It fits with --instances 1"


def _models(hardware: Hardware, wish: Wish, others: Iterable[ModelCard]) -> Iterator[str]:
    """The largest quantisation of the same size, then the largest smaller size."""
    fitting = [card for card in others if fit(of_card(card), hardware, wish).fits]
    if fitting:
        best = max(fitting, key=lambda card: (card.parameters, card.bytes))
        yield f"--model {best.id} fits"


def _seats(count: int) -> str:
    return f"{count} seat{'s' if count != 1 else ''}"


def _list(ways: list[str]) -> str:
    first, *rest = ways
    return "; ".join([first[:1].upper() + first[1:], *rest])
