"""`python -m tests.benchmarks.quality.report DATA ROWS... [--sets NAME,NAME]`

What choosing gains, from pools that `tests.benchmarks.quality.pools` wrote before.

Questions with an even hash are the development half, on which everything was decided; the others only confirm.
"""

import argparse
import math
import sys
from pathlib import Path

import numpy as np
from localswarm.swarm.consensus import choice
from localswarm.swarm.consensus.support import support
from localswarm.swarm.consensus.words import heard

from ..calling.items import IRRELEVANT
from . import acting
from .choosing import SETS, Pair, Question, Row, development, load, most_likely, most_votes, questions
from .figures import auroc, gained, wilson
from .options import Option, key_of, question, schemas_of

# Tokens of the text that begins a call.
BEGINS = 3
# Below this score of the greedy answer the others are asked for.
DOUBTS = (-1.5, -1.0, -0.75, -0.5, -0.25)


def main() -> int:
    words = _arguments()
    pairs = load(words.data, *words.rows)
    print(_variety(pairs))
    print(_choosing(pairs, words.sets.split(",")))
    for name in words.sets.split(","):
        print(_certainty(pairs, name))
    print(_talking(pairs))
    return 0


def chosen(one: Question, likely: bool = True) -> Option:
    options = [_option(option, likely) for option in one.found]
    return one.found[choice.choose(options, schemas_of(one.item), heard(question(one.item)))]


def score(one: Question, option: Option) -> float:
    return choice.score(_option(option, True), schemas_of(one.item), heard(question(one.item)))


def _option(option: Option, likely: bool) -> choice.Option:
    calls = tuple((name, said) for name, said in option.calls)
    return choice.Option(calls, option.votes, option.likelihood if likely else None)


def _variety(pairs: list[Pair]) -> str:
    """What each kind of further candidates could add to the greedy one, were the right one always found."""
    found: dict[tuple[str, float], list[tuple[bool, bool, int, int, float]]] = {}
    for item, row in pairs:
        answers = [one for one in row["candidates"] if "free" not in one]
        if item.kind == IRRELEVANT:
            continue
        for kind in dict.fromkeys((one["prompt"], one["temperature"]) for one in answers):
            some = [one for one in answers if (one["prompt"], one["temperature"]) == kind]
            keys = {key_of(one["calls"], item) for one in (answers[0], *some) if one["valid"]}
            before = bool(answers[0]["right"])
            after = before or any(one["right"] for one in some)
            cost = sum(written(one, answers[0]) for one in some) / max(1, answers[0]["n"])
            found.setdefault(kind, []).append((before, after, len(some), len(keys), cost))
    lines = [
        "| candidates | n | of these | greedy | it or one of them | distinct | tokens, greedy = 1 |",
        "|" + "---|" * 7,
    ]
    for (prompt, heat), rows in sorted(found.items()):
        before, after, count, distinct, cost = (np.mean(column) for column in zip(*rows, strict=True))
        lines.append(
            f"| {prompt} {heat} | {len(rows)} | {count:.1f} | {100 * before:.1f} | {100 * after:.1f} | {distinct:.1f} "
            f"| {cost:.1f} |"
        )
    return "\n".join([*lines, ""])


def _choosing(pairs: list[Pair], sets: list[str]) -> str:
    lines = [
        "| five candidates | questions | n | greedy | vote | likeliest | by support | chosen | 95 % | some right | "
        "gap closed | won, lost | gain, 95 % |",
        "|" + "---|" * 13,
    ]
    for name in sets:
        for trim in (False, True):
            asked = [one for one in questions(pairs, SETS[name], trim) if one.found]
            lines += [_row(name, trim, part, some) for part, some in _parts(asked).items() if some]
    return "\n".join(lines)


def _parts(asked: list[Question]) -> dict[str, list[Question]]:
    parts = {kind: [one for one in asked if one.item.kind == kind] for kind in sorted({one.item.kind for one in asked})}
    dev = [one for one in asked if development(one.item.id)]
    test = [one for one in asked if not development(one.item.id)]
    return parts | {"development": dev, "test": test, "all": asked}


def _row(name: str, trim: bool, part: str, asked: list[Question]) -> str:
    # What trimming gives counts as gained: the greedy answer is the one that was written.
    greedy = [float(one.row["candidates"][0]["right"]) for one in asked]
    best = [float(chosen(one).right) for one in asked]
    some = np.mean([one.possible for one in asked])
    figures = [
        np.mean(greedy),
        np.mean([most_votes(one.found).right for one in asked]),
        np.mean([most_likely(one.found).right for one in asked]),
        np.mean([chosen(one, False).right for one in asked]),
        np.mean(best),
    ]
    low, high = wilson(sum(best), len(best))
    gap = (np.mean(best) - np.mean(greedy)) / (some - np.mean(greedy)) if some > np.mean(greedy) else math.nan
    won = sum(b > g for b, g in zip(best, greedy, strict=True))
    lost = sum(b < g for b, g in zip(best, greedy, strict=True))
    least, most = gained(greedy, best)
    cells = [f"{name}{', trimmed' if trim else ''}", part, str(len(asked)), *(f"{100 * one:.1f}" for one in figures)]
    cells += [f"{100 * low:.0f}-{100 * high:.0f}", f"{100 * some:.1f}", f"{100 * gap:.0f} %", f"{won}, {lost}"]
    return f"| {' | '.join([*cells, f'{100 * least:+.0f} to {100 * most:+.0f}'])} |"


def _certainty(pairs: list[Pair], name: str) -> str:
    """Is the greedy answer right, and what does it cost to ask for more only where it may not be?"""
    asked = [one for one in questions(pairs, SETS[name], True) if one.taken[0]["valid"]]
    voted = {one.item.id: one.found[0].votes for one in questions(pairs, SETS["0.7"]) if one.taken[0]["valid"]}
    lines = [
        f"\n{name}: AUROC for the greedy answer being right, and for the chosen one",
        "| questions | n | score | likelihood | agreement | chosen by its score |",
    ]
    for part, some in _parts(asked).items():
        right = [one.greedy for one in some]
        by_score = auroc([score(one, one.found[0]) for one in some], right)
        by_likelihood = auroc([one.found[0].likelihood for one in some], right)
        by_votes = auroc([voted.get(one.item.id, 0) for one in some], right)
        best = [chosen(one) for one in some]
        by_best = auroc([score(*each) for each in zip(some, best, strict=True)], [one.right for one in best])
        figures = (by_score, by_likelihood, by_votes, by_best)
        lines.append(f"| {part} | {len(some)} | {' | '.join(f'{figure:.2f}' for figure in figures)} |")
    one_token = np.array([one.taken[0]["n"] for one in asked])
    all_tokens = np.array([sum(written(answer, one.taken[0]) for answer in one.taken) for one in asked])
    before, after = (np.array(list(each)) for each in ((o.greedy for o in asked), (chosen(o).right for o in asked)))
    scores = np.array([score(one, one.found[0]) for one in asked])
    lines.append(f"tokens: one {one_token.sum()}, five {all_tokens.sum():.0f}")
    for doubt in DOUBTS:
        more = scores <= doubt
        cost = np.where(more, all_tokens, one_token).sum()
        right = np.where(more, after, before).mean()
        lines.append(
            f"| more below {doubt} | {100 * more.mean():.0f} % | {100 * right:.1f} (always {100 * after.mean():.1f}) "
            f"| {100 * cost / all_tokens.sum():.0f} % of always, {20 * cost / one_token.sum():.0f} % of five whole |"
        )
    return "\n".join(lines)


def written(answer: Row, greedy: Row) -> float:
    """Tokens that were really generated: what it has in common with the greedy one was there, or was given."""
    given = 0
    if answer["prompt"] in ("branch", "longer"):
        pairs = zip(answer["text"], greedy["text"], strict=False)
        given = next((at for at, (one, other) in enumerate(pairs) if one != other), len(greedy["text"]))
    elif answer["prompt"] == "name":
        given = answer["text"].find("\n") + 1
    return float(answer["n"] * (1 - given / max(1, len(answer["text"]))))


def _talking(pairs: list[Pair]) -> str:
    """Should anything be called at all? By how much likelier the question makes a call, and by its support."""
    found = []
    for item, row in pairs:
        if not row["scores"]:
            continue
        first = row["scores"][0]
        backed = support([(name, said) for name, said in first["calls"]], schemas_of(item), heard(question(item)))
        gain = name_gain(row)
        figures = (call_gain(first), gain, acting.odds(backed), acting.odds(backed, gain))
        found.append((item.kind != IRRELEVANT, development(item.id), *figures))
    lines = ["\n| act or talk by | part | to act | to talk | AUROC | acts right | talks right |", "|" + "---|" * 7]
    labels = ("gain of the call", "gain of the name", "support alone", "support and gain of the name")
    for at, label in enumerate(labels, 2):
        for part, rows in (("all", found), ("test", [one for one in found if not one[1]])):
            acts, talks = [one[at] for one in rows if one[0]], [one[at] for one in rows if not one[0]]
            area = auroc([one[at] for one in rows], [one[0] for one in rows])
            right = "| | |"
            if "support" in label and acts and talks:
                right = f"| {np.mean([one > 0 for one in acts]):.1%} | {np.mean([one <= 0 for one in talks]):.1%} |"
            lines.append(f"| {label} | {part} | {len(acts)} | {len(talks)} | {area:.3f} {right}")
    return "\n".join(lines)


def name_gain(row: Row) -> float:
    """By so many nats the question makes the name of some tool likelier, behind what begins a call."""
    base, neutral = row["names"]["base"], row["names"]["neutral"]
    return float(max(sum(base[name][BEGINS:]) - sum(neutral[name][BEGINS:]) for name in base))


def call_gain(scored: Row) -> float:
    return float(sum(scored["under"]["base"]) - sum(scored["under"]["neutral"]))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.quality.report")
    parser.add_argument("data", type=Path)
    parser.add_argument("rows", type=Path, nargs="+")
    parser.add_argument("--sets", default="0.7,branched,named")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
