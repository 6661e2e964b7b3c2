"""Which models are worth serving on this machine, the best first. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ...hardware.machine import Hardware, gib
from ..card import Grade, ModelCard, Use
from .fit import Plan, Wish, fit, of_card

# Points of rank that a quantisation costs, by bits of a weight. Measured losses grow steeply below four bits, and a
# larger model with four is better than a smaller one with eight.
QUANT_LOSS = ((7.5, 0.0), (6.0, 0.3), (5.2, 0.8), (4.2, 2.0), (3.3, 7.0), (0.0, 20.0))
# Trained in this format: nothing is lost.
NATIVE = ("mxfp4", "nvfp4")
# An agent without tool calls can do nothing.
TOOLS_LOSS: dict[Use, dict[Grade, float]] = {
    "coding": {"good": 0.0, "fair": 3.0, "weak": 8.0, "none": 15.0},
    "chat": {"good": 0.0, "fair": 0.5, "weak": 1.0, "none": 1.5},
}

# Licences that allow research alone: such a model is served when it is asked for, never chosen.
ONLY_RESEARCH = ("qwen-research", "cc-by-nc-4.0")
BEHIND = 0.01  # points: next to each other


@dataclass(frozen=True, slots=True)
class Ranked:
    card: ModelCard
    plan: Plan
    score: float
    refusal: str | None  # why it is not for this machine


def rank(cards: Iterable[ModelCard], hardware: Hardware, wish: Wish) -> list[Ranked]:
    """All of them, those that are of use first."""
    ranked = [_judge(card, fit(of_card(card), hardware, wish), wish) for card in cards]
    return sorted(_behind_mlx(ranked), key=_order)


def _behind_mlx(ranked: Sequence[Ranked]) -> Iterator[Ranked]:
    """Where both formats are served, a GGUF file comes behind the same size for MLX, which is made for that machine."""
    best: dict[tuple[str, str, bool], float] = {}
    for one in ranked:
        if one.card.format == "mlx" and one.refusal is None:
            best[_size(one)] = max(one.score, best.get(_size(one), one.score))
    for one in ranked:
        if one.card.format == "gguf" and _size(one) in best:
            yield replace(one, score=min(one.score, best[_size(one)] - BEHIND))
        else:
            yield one


def _size(one: Ranked) -> tuple[str, str, bool]:
    return one.card.family, one.card.size, one.plan.below_floor


def _judge(card: ModelCard, plan: Plan, wish: Wish) -> Ranked:
    return Ranked(card, plan, score(card, plan, wish.use), refusal(card, plan, wish))


def score(card: ModelCard, plan: Plan, use: Use) -> float:
    quant = 0.0 if card.quant in NATIVE else next(loss for bits, loss in QUANT_LOSS if card.bits >= bits)
    return card.rank[use] - quant - TOOLS_LOSS[use][card.tools] - plan.loss


def refusal(card: ModelCard, plan: Plan, wish: Wish) -> str | None:
    """Why it is not chosen unasked."""
    if 0 < card.geometry.trained_context < (wish.context or 0):
        return f"was trained for {card.geometry.trained_context} tokens of context"
    if not plan.fits:
        return f"needs {gib(plan.need.total)} of {gib(plan.room)} in {plan.where}"
    if not plan.speed.usable:
        return f"too slow here: writes {plan.speed.writing:.1f}, reads {plan.speed.reading:.0f} tokens/s"
    if card.licence in ONLY_RESEARCH:
        return f"its licence ({card.licence}) allows research alone"
    return None


def _order(one: Ranked) -> tuple[bool, bool, bool, float, int]:
    """What has the context that its use wants comes before what has not, and anything usable before the rest."""
    plan = one.plan
    refused = one.refusal is not None
    return not plan.fits, refused, plan.below_floor, -one.score, one.card.bytes
