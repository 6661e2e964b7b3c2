"""What servers say when a prompt is too long, to numbers. Pure.

Each says it in its own words; some tell the numbers in fields, and for some the prompt fits but not together with as
many tokens of answer as were asked for.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .chunks import is_whole_number

CODES = ("context_length_exceeded", "exceed_context_size_error", "context_exceeded", "string_above_max_length")
WORDS = re.compile(
    r"context (?:length|window|size)|maximum (?:model|input|prompt|sequence) length|max_model_len|max_seq_len"
    r"|prompt (?:is )?too long|input (?:is )?too long|longer than the (?:maximum|context)|too many (?:input )?tokens",
    re.IGNORECASE,
)
EXCEEDED = re.compile(
    r"exceed|too long|too large|longer than|greater than|larger than|maximum|at most|overflow|too many", re.IGNORECASE
)
NUMBER = r"(\d[\d,_]{0,14})"
# Words between a name and its number, of one sentence; `by so many` is neither of the two.
GAP = r"(?:(?! by )[^.\d]){0,40}?"
CONTEXT = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"maximum context length (?:is|of) {NUMBER}",
        rf"available context size \({NUMBER}",
        rf"context (?:length|window|size){GAP}{NUMBER}",
        rf"(?:maximum|max){GAP}{NUMBER}",
        rf"> ?{NUMBER}",
    )
)
PROMPT = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\({NUMBER} in the (?:messages|prompt|input)",
        rf"(?:messages|prompt|input|request){GAP}{NUMBER} (?:input )?tokens",
        rf"request \({NUMBER} tokens\)",
        rf"{NUMBER} (?:input|prompt) tokens",
        rf"resulted in {NUMBER}",
        rf"(?:prompt|input){GAP}{NUMBER}",
        rf"requested {NUMBER}",
    )
)


@dataclass(frozen=True, slots=True)
class Overflow:
    """0: it does not tell."""

    prompt: int
    context: int

    @property
    def of_answer(self) -> bool:
        """The prompt fits; only the answer that was asked for does not."""
        return 0 < self.prompt < self.context


def read(error: Mapping[str, Any], message: str) -> Overflow | None:
    """None where it is an error of another kind."""
    coded = error.get("type") in CODES or error.get("code") in CODES
    if not coded and not (WORDS.search(message) and EXCEEDED.search(message)):
        return None
    prompt, context = error.get("n_prompt_tokens"), error.get("n_ctx")
    return Overflow(
        prompt if is_whole_number(prompt) else _found(PROMPT, message),
        context if is_whole_number(context) else _found(CONTEXT, message),
    )


def _found(patterns: tuple[re.Pattern[str], ...], message: str) -> int:
    match = next((found for pattern in patterns if (found := pattern.search(message))), None)
    return int(re.sub(r"\D", "", match.group(1))) if match else 0
