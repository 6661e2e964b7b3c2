"""What a request asks of the swarm, with the settings filled in. Pure.

`swarm` asks others only where that pays (`auto`), `swarm:fast` nobody, `swarm:vote` always; a model's own name keeps to
that model and asks nobody, unless the request says otherwise.
"""

from dataclasses import dataclass

from ..chat import ChatRequest, Policy, Strategy
from ..settings import MOST_CANDIDATES
from .routing import FAST, SWARM, VOTE, is_named


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the settings say."""

    strategy: Strategy = "auto"
    candidates: int = 5
    quorum: int = 1
    patience: float | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """`firm`: the request itself asked for so large a quorum, so that less is an error."""

    strategy: Strategy
    most: int
    quorum: int
    firm: bool
    patience: float | None

    @property
    def alone(self) -> bool:
        """Nobody else is asked."""
        return self.strategy == "fast" or self.most == 1


def terms(request: ChatRequest, defaults: Defaults) -> Terms:
    policy = request.policy
    most = min(policy.candidates or max(defaults.candidates, policy.quorum or 1), MOST_CANDIDATES)
    quorum = min(policy.quorum or defaults.quorum, most)
    patience = defaults.patience if policy.patience is None else policy.patience
    return Terms(_strategy(request, defaults), most, quorum, policy.quorum is not None, patience)


def may_call(request: ChatRequest) -> bool:
    return bool(request.tools) and request.tool_choice.mode != "none" and request.response_format is None


def _strategy(request: ChatRequest, defaults: Defaults) -> Strategy:
    """Several answers side by side, and texts that are written on, are not chosen among."""
    if request.policy.choices > 1 or request.raw is not None or request.continue_last:
        return "fast"
    wish = _wish(request.policy, request.model, defaults)
    if (request.policy.quorum or 1) > 1 and request.policy.strategy is None and wish != "synth":
        # So many answers can only be there where so many are asked.
        return "vote"
    if wish == "auto" and not may_call(request):
        # Of texts and of JSON nothing better is known than to take the first, which can be told while it is written.
        return "fast"
    return wish


def _wish(policy: Policy, model: str, defaults: Defaults) -> Strategy:
    if policy.strategy:
        return policy.strategy
    if is_named(FAST, model):
        return "fast"
    if is_named(VOTE, model):
        return "vote"
    return defaults.strategy if is_named(SWARM, model) else "fast"
