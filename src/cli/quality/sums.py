"""Questions that end in one number: those of GSM8K. Pure."""

import re
from decimal import Decimal
from typing import Any

from .question import Number, Question

NUMBER = r"(?<![\w.])-?\$?\d[\d,]*(?:\.\d+)?|(?<![\w.])-?\$?\.\d+"
LAST = re.compile(NUMBER)
TOLD = re.compile(rf"(?:answer is|answer:|####|\\boxed\{{)[^\d\n.-]{{0,20}}?({NUMBER})", re.IGNORECASE)
MOST_TOKENS = 320


def question(line: dict[str, Any], frame: str) -> Question:
    """`frame`: what is said around the question."""
    said = frame.replace("{question}", line["question"])
    body = {"messages": [{"role": "user", "content": said}], "max_tokens": MOST_TOKENS}
    wanted = line["answer"].rpartition("####")[2]
    return Question(line["id"], "sums", body, Number(_plain(wanted.strip())))


def right(text: str, wanted: Number) -> bool:
    return said(text) == wanted.digits


def said(text: str) -> str | None:
    """The number behind the last words that tell the answer, else the last one of all."""
    found = TOLD.findall(text) or LAST.findall(text)
    return _plain(found[-1]) if found else None


def _plain(number: str) -> str:
    value = Decimal(number.replace(",", "").replace("$", ""))
    return f"{value.normalize():f}" if value else "0"
