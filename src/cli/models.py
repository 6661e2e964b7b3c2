"""What fits this machine and what does not: memory, quality, expected speed, and the reason for each refusal."""

import argparse
import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ..models.catalogue.names import UnknownModel
from ..models.fit.select import Ranked
from ..settings import Settings, nearest
from .table import gib, table

if TYPE_CHECKING:
    from ..node.build import Ground

EXAMPLES = """examples:
  python main.py models                          the best quantisation of each size
  python main.py models --all --use chat         every quantisation, ranked for chat
  python main.py models qwen2.5-coder --json     one family, for programs
  python main.py models --context 8192           with so much context
"""
SETTINGS = ("use", "context", "instances", "kv", "gpu_layers", "offline")
HEADS = ("model", "format", "bytes", "needs", "context", "rank", "writes", "reads", "")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="only families or models that begin so")
    parser.add_argument("--all", action="store_true", help="every quantisation, not only the best of each size")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(settings: Settings, words: argparse.Namespace) -> int:
    from ..node.build import Tell, survey

    ground = survey(settings, Tell())
    known = ground.chooser.catalogued()
    ranked = _named(known, words.names)
    if not ranked:
        raise UnknownModel(_unknown(words.names, {one.card.family for one in known}))
    if words.json:
        print(json.dumps([_as_data(one, settings) for one in ranked], indent=2))
    else:
        print(in_words(ranked if words.all else best_of_each(ranked), ground, settings))
    return 0


def _unknown(names: Sequence[str], families: Iterable[str]) -> str:
    known = sorted(families)
    meant = next((found for name in names if (found := nearest(name.partition(":")[0].lower(), known))), None)
    mend = f"Did you mean: python main.py models {meant}" if meant else "All of them: python main.py models"
    return f"No model of the catalogue begins with {' or '.join(names)}. {mend}"


def best_of_each(ranked: Iterable[Ranked]) -> list[Ranked]:
    """Of each size only the quantisation that comes first: they are in order."""
    first: dict[tuple[str, str], Ranked] = {}
    for one in ranked:
        first.setdefault((one.card.family, one.card.size), one)
    return list(first.values())


def in_words(ranked: Sequence[Ranked], ground: "Ground", settings: Settings) -> str:
    lines = [ground.hardware.describe(), *ground.notes, ""]
    lines.append(table(HEADS, [_row(one, settings) for one in ranked]))
    lines += ["", f"rank: quality for {settings.use}, 0 to 100; speeds are expected tokens per second of one request."]
    if any(not one.card.verified for one in ranked):
        lines.append("~ sizes that were reckoned, not read from the file")
    return "\n".join([*lines, "Serve one: python main.py --model NAME"])


def _named(ranked: Iterable[Ranked], names: Sequence[str]) -> list[Ranked]:
    wanted = tuple(name.lower() for name in names)
    return [one for one in ranked if not wanted or one.card.id.startswith(wanted)]


def _row(one: Ranked, settings: Settings) -> tuple[str, ...]:
    plan, guess = one.plan, "" if one.card.verified else "~"
    return (
        one.card.id,
        one.card.format.upper(),
        f"{guess}{gib(one.card.bytes)}",
        f"{guess}{gib(plan.need.total)}",
        _tokens(plan.setup.context),
        str(one.card.rank[settings.use]),
        f"{plan.speed.writing:.0f}",
        f"{plan.speed.reading:.0f}",
        one.refusal or _fitting(one),
    )


def _fitting(one: Ranked) -> str:
    setup = one.plan.setup
    kept = "" if setup.kv == "f16" else f", cache in {setup.kv}"
    short = ", below the usual context" if one.plan.below_floor else ""
    return f"fits {one.plan.where}, {setup.seats} seat{'s' if setup.seats != 1 else ''}{kept}{short}"


def _as_data(one: Ranked, settings: Settings) -> dict[str, Any]:
    plan = one.plan
    return {
        "model": one.card.id,
        "format": one.card.format,
        "title": one.card.title,
        "licence": one.card.licence,
        "tools": one.card.tools,
        "file_bytes": one.card.bytes,
        "verified": one.card.verified,
        "fits": plan.fits,
        "refusal": one.refusal,
        "where": plan.where,
        "need_bytes": plan.need.total,
        "room_bytes": plan.room,
        "context": plan.setup.context,
        "seats": plan.setup.seats,
        "kv": plan.setup.kv,
        "gpu_layers": plan.gpu_layers,
        "rank": one.card.rank[settings.use],
        "score": round(one.score, 2),
        "writing_tokens_per_second": round(plan.speed.writing, 1),
        "reading_tokens_per_second": round(plan.speed.reading, 1),
    }


def _tokens(count: int) -> str:
    return f"{count // 1024}k" if count % 1024 == 0 else str(count)
