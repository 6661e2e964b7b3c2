"""How much a model shall think before it answers, from the wire. Pure.

Nobody agreed on one name for it: OpenAI has `reasoning_effort`, OpenRouter `reasoning`, vLLM and llama.cpp
`chat_template_kwargs.enable_thinking`, Qwen and others a budget. The first that is there wins.
"""

from ...chat import Effort, Reasoning
from ..fields import Fields

EFFORTS: dict[str, Effort] = {
    "none": "none",
    "minimal": "minimal",
    "low": "low",
    "medium": "medium",
    "high": "high",
    # More than "high" is not known to any model that is served here.
    "xhigh": "high",
    "max": "high",
}
BUDGETS = ("thinking_budget", "max_thinking_tokens")


def read(fields: Fields) -> Reasoning:
    nested = fields.fields("reasoning")
    efforts = (_effort(fields, "reasoning_effort"), _effort(nested, "effort") if nested else None)
    return Reasoning(efforts[0] or efforts[1] or _switched(fields, nested), _budget(fields, nested))


def _effort(fields: Fields, key: str) -> Effort | None:
    wish = fields.one_of(key, tuple(EFFORTS))
    return None if wish is None else EFFORTS[wish]


def _switched(fields: Fields, nested: Fields | None) -> Effort | None:
    template = fields.fields("chat_template_kwargs")
    switches = [
        fields.truth("enable_thinking"),
        template.truth("enable_thinking") if template else None,
        nested.truth("enabled") if nested else None,
    ]
    on = next((switch for switch in switches if switch is not None), None)
    return None if on is None else ("medium" if on else "none")


def _budget(fields: Fields, nested: Fields | None) -> int | None:
    budgets = [fields.whole(key, 0) for key in BUDGETS]
    if nested:
        budgets.append(nested.whole("max_tokens", 0))
    return next((budget for budget in budgets if budget is not None), None)
