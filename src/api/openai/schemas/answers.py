"""What several answers have in common."""

from ...chosen.schema import REPORT
from .shapes import INTEGER, NUMBER, STRING, Schema, answer, array

SWARM = REPORT
CHOICE_HEAD: dict[str, Schema] = {"index": INTEGER}
USAGE = answer(
    {
        "prompt_tokens": INTEGER,
        "completion_tokens": INTEGER,
        "total_tokens": INTEGER,
        "prompt_tokens_details": answer({"cached_tokens": INTEGER}),
        "completion_tokens_details": answer({"reasoning_tokens": INTEGER}),
    }
)
TOKEN: dict[str, Schema] = {"token": STRING, "logprob": NUMBER, "bytes": array(INTEGER)}
LOGPROBS = answer(TOKEN | {"top_logprobs": array(answer(TOKEN))})
