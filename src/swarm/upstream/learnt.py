"""What a server turned out not to take. Its refusals teach it; nothing else tells it reliably."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .body import LIMIT, OLDER_LIMIT, THOUGHTS
from .refusals import Refusal

# Without these the answer is still the one that was asked for, or nearly so; the client is told.
WISHES = (
    "temperature", "top_p", "top_k", "min_p", "repeat_penalty", "repetition_penalty", "frequency_penalty",
    "presence_penalty", "seed", "reasoning_effort", "chat_template_kwargs", "ignore_eos", "parallel_tool_calls",
)  # fmt: skip
# These serve the way of the answer and not what it says: nobody has to know.
QUIET = ("stream_options", "stream", "n", "add_generation_prompt", "prompt_cache_key", "swarm", OLDER_LIMIT, THOUGHTS)
# Without these it would be another answer.
NEEDED = ("tools", "tool_choice", "response_format", "logprobs", "top_logprobs", "stop", "logit_bias", LIMIT)


@dataclass(slots=True)
class Learnt:
    without: set[str] = field(default_factory=set)
    context: int = 0  # that it told when a prompt was too long; 0: it never did

    def from_refusal(self, refusal: Refusal, body: Mapping[str, object]) -> bool:
        """Is there anything to be left out next time?"""
        sent = [name for name in (*WISHES, *QUIET) if name in body or (name == THOUGHTS and _has_thoughts(body))]
        found = {name for name in sent if refusal.names(name) and name not in self.without}
        self.without |= found
        return bool(found)

    def warnings(self, wanted: Mapping[str, object]) -> tuple[str, ...]:
        left_out = [name for name in WISHES if name in self.without and name in wanted]
        return tuple(f"'{name}' is not known to the server of this model, and was left out." for name in left_out)


def needed(refusal: Refusal, body: Mapping[str, object]) -> str:
    """The field that it does not take and that cannot be left out; empty where there is none."""
    return next((name for name in NEEDED if name in body and refusal.names(name)), "")


def _has_thoughts(body: Mapping[str, object]) -> bool:
    conversation = body.get("messages")
    return isinstance(conversation, list) and any(THOUGHTS in one for one in conversation)
