"""`python -m tests.benchmarks.quality.pools DATA ROWS [--model FILE] [--each N] [--plan NAME] [--minutes N]`

Many candidates for each of BFCL's questions, under several prompts, with the log-probability of each under all of
them. DATA is the folder `bfcl_eval/data` of the package bfcl-eval. What is in ROWS already is not asked again.
"""

import argparse
import json
import math
import sys
import time
import zlib
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from localswarm.chat import ChatRequest, Message, Sampling, Text, ToolCallDelta, ToolChoice, ToolSpec
from localswarm.dialects.base import Plan, Scanner
from localswarm.dialects.choose import choose
from localswarm.dialects.dialect import FamilyDialect
from localswarm.errors import EngineFault

from ..calling.items import IRRELEVANT, KINDS, Item, items
from ..calling.score import Call, fits, right
from ..servers import embedded_model
from .prompts import as_it_is, freely, hinted, neutral, reversed_tools, twice
from .writer import Answer, Writer

CONFIG = Path(__file__).parents[3] / "config" / "prompts"
QWEN = Path(__file__).parents[2] / "dialects" / "templates" / "Qwen-Qwen2.5-7B-Instruct.jinja"
MOST_TOKENS = 200
MOST_SCORED = 11
THOROUGH = 3
BRANCHES = 5
MOST_NAMES = 3
MOST_LONGER = 3
# For each prompt: how many samples at which temperature (0: the greedy one).
Samples = dict[str, dict[float, int]]
PLANS: dict[str, Samples] = {
    "full": {
        "base": {0: 1, 0.7: 4, 1.0: 4},
        "hint": {0: 1, 0.7: 2},
        "twice": {0: 1, 0.7: 2},
        "order": {0: 1, 0.7: 1},
        "form": {0: 1, 0.7: 2},
    },
    "shared": {"base": {0: 1, 0.7: 4, 1.0: 3}, "hint": {0: 1, 0.7: 1}, "twice": {0: 1, 0.7: 1}},
    "branched": {"base": {0: 1, 0.7: 4}},
    "longer": {"base": {0: 1}},
    "least": {"base": {0: 1, 0.7: 3}},
    "few": {"base": {0: 1, 0.7: 2, 1.0: 2}, "hint": {0: 1}, "twice": {0: 1}},
}
CHANGES = {"base": as_it_is, "hint": hinted, "twice": twice, "order": reversed_tools, "form": as_it_is}
Row = dict[str, Any]


class Collected:
    """The calls of one answer while it is written."""

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._calls: dict[int, list[str]] = {}

    @property
    def over(self) -> bool:
        return self._scanner.over

    def feed(self, text: str) -> None:
        for delta in self._scanner.feed(text):
            if isinstance(delta, ToolCallDelta):
                call = self._calls.setdefault(delta.index, ["", ""])
                call[0] += delta.name
                call[1] += delta.arguments

    def calls(self) -> list[Call] | None:
        """None: not all of them came whole."""
        found = []
        for name, arguments in self._calls.values():
            try:
                found.append(Call(name, json.loads(arguments)))
            except ValueError:
                return None
        return found


class Pools:
    def __init__(self, model: Path, threads: int, plan: str) -> None:
        self._writer = Writer(model, threads)
        self._samples = PLANS[plan]
        self._branched = plan != "longer"
        card = self._writer.model
        plain = (CONFIG / "plain_chat.jinja").read_text()
        instructions = (CONFIG / "tool_instructions.txt").read_text
        ids = dict(card.markers)
        own = choose(card.template, card.bos, card.eos, plain, instructions, "", ids.get, ids)
        other = (
            choose(QWEN.read_text(), card.bos, card.eos, plain, instructions, "", ids.get, ids)
            if own.name == "generic"
            else choose(card.template, card.bos, card.eos, plain, instructions, "generic", ids.get, ids)
        )
        self._dialects: dict[str, FamilyDialect] = {"form": other}
        self._own = own

    def pool(self, item: Item) -> Row:
        self._writer.forget()
        self._writer.read = self._writer.written = 0
        begun = time.monotonic()
        request = _request(item)
        plans = {name: self._read(name, CHANGES[name](request)) for name in self._prompts(item)}
        self._read("neutral", neutral(request))
        prompts_at = time.monotonic()
        candidates = self._candidates(item, request, plans)
        written_at = time.monotonic()
        distinct = self._scored(item, candidates, plans)
        names = self._names(item, request)
        end = time.monotonic()
        for one in candidates:
            del one["tokens"]
        return {
            "id": item.id,
            "kind": item.kind,
            "candidates": candidates,
            "scores": distinct,
            "names": names,
            "prompt": {name: self._writer.length(name) for name in (*plans, "neutral")},
            "seconds": [round(b - a, 2) for a, b in ((begun, prompts_at), (prompts_at, written_at), (written_at, end))],
        }

    def _prompts(self, item: Item) -> list[str]:
        # The tools are read anew for each of these: that is too dear for all questions.
        thorough = zlib.crc32(item.id.encode()) % THOROUGH == 0
        several = len(item.tools) > 1
        return [
            name
            for name in self._samples
            if (thorough or name not in ("order", "form")) and (several or name != "order")
        ]

    def _dialect(self, name: str) -> FamilyDialect:
        return self._dialects.get(name, self._own)

    def _read(self, name: str, request: ChatRequest) -> Plan:
        plan = self._dialect(name).plan(request)
        self._writer.prompt(name, self._writer.model.tokenize_prompt(plan.prompt, plan.cuts))
        return plan

    def _candidates(self, item: Item, request: ChatRequest, plans: dict[str, Plan]) -> list[Row]:
        seed = zlib.crc32(item.id.encode())
        rows: list[Row] = []
        answers: list[Answer] = []
        for name, plan in plans.items():
            dialect, constraint = self._dialect(name), self._writer.grammars.compile(plan.grammar or "")
            for temperature, count in self._samples[name].items():
                if item.kind == IRRELEVANT and (temperature == 1.0 or (name != "base" and temperature)):
                    continue
                sampling = Sampling(temperature=temperature, max_tokens=MOST_TOKENS, seed=seed + int(10 * temperature))
                for at in range(count):
                    scanner = Collected(dialect.scanner(CHANGES[name](request), plan, 0))
                    answers.append(self._writer.answer(name, sampling, constraint, at, scanner))
                    rows.append({"prompt": name, "temperature": temperature})
        free = self._own.plan(freely(request))
        constraint = self._writer.grammars.compile(free.grammar or "")
        scanner = Collected(self._own.scanner(freely(request), free, 0))
        answers.append(self._writer.answer("base", Sampling(temperature=0, max_tokens=24), constraint, 0, scanner))
        self._writer.write(answers)
        rows.append({"prompt": "base", "temperature": 0, "free": True})
        whole = answers[0].done != "length" and self._branched
        more = self._branches(item, request, plans["base"], answers[0]) if whole else []
        self._writer.write([answer for answer, _ in more])
        answers += [answer for answer, _ in more]
        rows += [row for _, row in more]
        if item.kind.startswith("parallel"):
            longer = self._longer(request, plans["base"], answers[0])
            answers += longer
            rows += [{"prompt": "longer", "temperature": 0} for _ in longer]
        for row, answer in zip(rows, answers, strict=True):
            row |= self._told(item, answer)
        return rows

    def _branches(self, item: Item, request: ChatRequest, plan: Plan, first: Answer) -> list[tuple[Answer, Row]]:
        """The greedy answer with another token where that was nearest, and one for each other tool."""
        constraint = self._writer.grammars.compile(plan.grammar or "")
        begun: list[tuple[tuple[int, ...], Row]] = []
        others = self._writer.others("base", first.tokens, constraint)
        for at, token, ratio in sorted(others, key=lambda one: -one[2]):
            prefix = (*first.tokens[:at], token)
            # Only its blanks or the cut of its tokens would be others.
            same = _solid(self._writer, first.tokens).startswith(_solid(self._writer, prefix))
            if not same and len(begun) < BRANCHES:
                begun.append((prefix, {"prompt": "branch", "temperature": 0, "ratio": round(ratio, 3)}))
        named = {call.name for call in first.scanner.calls() or []}
        others_named = [tool.name for tool in request.tools if tool.name not in named][:MOST_NAMES]
        begun += [
            (tuple(self._head(name)), {"prompt": "name", "temperature": 0, "name": name}) for name in others_named
        ]
        found = []
        for prefix, row in begun:
            scanner = Collected(self._own.scanner(request, plan, 0))
            try:
                answer = self._writer.answer(
                    "base", Sampling(temperature=0, max_tokens=MOST_TOKENS), constraint, 0, scanner, prefix
                )
            except EngineFault:
                continue
            found.append((answer, row))
        return found

    def _longer(self, request: ChatRequest, plan: Plan, first: Answer) -> list[Answer]:
        """One more call than the greedy answer has. Mostly that is an earlier one again: with another token in it."""
        constraint = self._writer.grammars.compile(plan.grammar or "")
        again = first if first.scanner.over else self._one_more(request, plan, first)
        if first.done != "stop" or again is None:
            return []
        begun = self._last_call(again.tokens)
        prefixes: list[tuple[int, ...]] = []
        others = [one for one in self._writer.others("base", again.tokens, constraint) if one[0] > begun]
        for at, token, _ in sorted(others, key=lambda one: -one[2]):
            prefix = (*again.tokens[:at], token)
            same = _solid(self._writer, again.tokens).startswith(_solid(self._writer, prefix))
            if not same and token not in self._writer.model.end_tokens and len(prefixes) < MOST_LONGER:
                prefixes.append(prefix)
        return ([] if again is first else [again]) + self._written_on(request, plan, prefixes)

    def _one_more(self, request: ChatRequest, plan: Plan, first: Answer) -> Answer | None:
        constraint = self._writer.grammars.compile(plan.grammar or "")
        (eos,) = self._writer.model.tokenize(self._writer.model.eos, True, False)
        at, token, _ = self._writer.others("base", [*first.tokens, eos], constraint)[-1]
        found = self._written_on(request, plan, [(*first.tokens, token)]) if at == len(first.tokens) else []
        return found[0] if found else None

    def _last_call(self, tokens: Sequence[int]) -> int:
        """The place of the token before which its last call begins."""
        (trigger,) = ("TOOL:" if self._own.name == "generic" else "<tool_call>",)
        pieces = [self._writer.model.marked(token) for token in tokens]
        last = b"".join(pieces).rfind(trigger.encode())
        lengths = [sum(map(len, pieces[:at])) for at in range(len(pieces))]
        return max(at for at, length in enumerate(lengths) if length <= last)

    def _written_on(self, request: ChatRequest, plan: Plan, prefixes: list[tuple[int, ...]]) -> list[Answer]:
        constraint = self._writer.grammars.compile(plan.grammar or "")
        sampling = Sampling(temperature=0, max_tokens=MOST_TOKENS)
        found = []
        for prefix in prefixes:
            scanner = Collected(self._own.scanner(request, plan, 0))
            with suppress(EngineFault):
                found.append(self._writer.answer("base", sampling, constraint, 0, scanner, prefix))
        self._writer.write(found)
        return found

    def _told(self, item: Item, answer: Answer) -> Row:
        calls = answer.scanner.calls()
        whole = calls or []
        valid = bool(calls) and answer.done != "length" and all(fits(call, item.tools) for call in whole)
        return {
            "text": answer.text.decode("utf-8", "replace"),
            "end": answer.done,
            "n": len(answer.tokens),
            "tokens": answer.tokens,
            "calls": [[call.name, call.arguments] for call in whole],
            "valid": valid,
            "right": bool(calls) and item.kind != IRRELEVANT and right(whole, item.truth),
        }

    def _scored(self, item: Item, candidates: list[Row], plans: dict[str, Plan]) -> list[Row]:
        """Each distinct answer, most frequent first, under every prompt."""
        groups: dict[str, list[Row]] = {}
        for row in candidates:
            if row["valid"] and "free" not in row:
                groups.setdefault(json.dumps(row["calls"]), []).append(row)
        found = sorted(groups.values(), key=len, reverse=True)[:MOST_SCORED]
        rows: list[Row] = [{"calls": same[0]["calls"], "right": same[0]["right"], "under": {}} for same in found]
        for name in [*(one for one in ("base", "hint", "twice") if one in plans), "neutral"]:
            texts = [self._spelled(name, same) for same in found]
            grammar = plans[name].grammar if name == "base" else None
            constraint = self._writer.grammars.compile(grammar) if grammar else None
            for row, text, said in zip(rows, texts, self._writer.score(name, texts, constraint), strict=True):
                row["under"][name] = [round(raw, 3) for raw, _ in said]
                if name == "base":
                    row["pieces"] = [self._writer.model.marked(token).decode("utf-8", "replace") for token in text]
                    row["masked"] = [None if masked is None else round(masked, 3) for _, masked in said]
        return rows

    def _spelled(self, prompt: str, same: list[Row]) -> list[int]:
        """As it was written in this prompt's form where it was, and with the end."""
        form = {"form"} if prompt == "form" else set(self._samples) - {"form"}
        written = next((row["tokens"] for row in same if row["prompt"] in form), None)
        tokens = written or self._writer.model.tokenize(self._text(prompt, same[0]["calls"]), True, False)
        eos = self._writer.model.tokenize(self._writer.model.eos, True, False)
        return [*tokens, *eos]

    def _text(self, prompt: str, calls: list[Any]) -> str:
        if self._dialect(prompt).name == "generic":
            return "\n".join(f"TOOL: {name}\nARGUMENTS: {json.dumps(said)}" for name, said in calls)
        bodies = (json.dumps({"name": name, "arguments": said}) for name, said in calls)
        return "\n".join(f"<tool_call>\n{body}\n</tool_call>" for body in bodies)

    def _names(self, item: Item, request: ChatRequest) -> Row:
        """How likely a call of each tool begins."""
        found: Row = {}
        names = [tool.name for tool in request.tools]
        for prompt in ("base", "neutral"):
            said = self._writer.score(prompt, [self._head(name) for name in names])
            found[prompt] = {name: [round(raw, 3) for raw, _ in one] for name, one in zip(names, said, strict=True)}
        return found

    def _head(self, name: str) -> list[int]:
        text = f"TOOL: {name}\n" if self._own.name == "generic" else f'<tool_call>\n{{"name": "{name}"'
        return self._writer.model.tokenize(text, True, False)


def _solid(writer: Writer, tokens: Sequence[int]) -> bytes:
    return b"".join(b"".join(writer.model.marked(token) for token in tokens).split())


def _request(item: Item) -> ChatRequest:
    messages = tuple(Message(one["role"], (Text(one["content"]),)) for one in item.messages)
    tools = tuple(
        ToolSpec(one["function"]["name"], one["function"]["description"], one["function"]["parameters"])
        for one in item.tools
    )
    return ChatRequest(item.id, "", messages, tools, ToolChoice("required", (), item.kind.startswith("parallel")))


def main() -> int:
    words = _arguments()
    kinds = words.kinds.split(",")
    turns = zip_longest(*(items(words.data, kind, words.each) for kind in kinds))
    asked = [item for item in chain.from_iterable(turns) if item]
    # The first ones of each file are the easiest; a run that was stopped is to speak for all.
    asked.sort(key=lambda item: zlib.crc32(item.id[::-1].encode()))
    rows = [json.loads(line) for line in words.rows.read_text().splitlines()] if words.rows.exists() else []
    done = {row["id"] for row in rows}
    end = time.monotonic() + 60 * words.minutes
    pools = Pools(words.model, words.threads, words.plan)
    for at, item in enumerate(asked):
        if time.monotonic() > end:
            break
        if item.id in done:
            continue
        try:
            row = pools.pool(item)
        except EngineFault as error:
            print(f"{item.id}: {error.message}", flush=True)
            continue
        with words.rows.open("a") as file:
            file.write(json.dumps(row) + "\n")
        told = "".join("+" if one["right"] else "." if one["valid"] else "x" for one in row["candidates"])
        print(f"{at + 1}/{len(asked)} {item.id} {told} {row['seconds']}", flush=True)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.quality.pools")
    parser.add_argument("data", type=Path)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--model", type=Path, default=embedded_model())
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--each", type=int, default=66)
    parser.add_argument("--plan", default="full")
    parser.add_argument("--minutes", type=float, default=math.inf, help="after which nothing more is asked")
    parser.add_argument("--kinds", default=",".join((*KINDS, IRRELEVANT)))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
