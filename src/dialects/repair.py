"""Conversations that a template refuses, changed as little as it takes.

Templates refuse system messages (Gemma 2), system messages anywhere but in front (Qwen3.5), two messages of one role
in a row (Gemma, Mistral), roles that they do not know. What is said is never lost: only who says it changes.
"""

import json
from collections.abc import Iterator, Sequence

from .turns import Turn


def repairs(turns: Sequence[Turn]) -> Iterator[list[Turn]]:
    """The conversation itself, then ever more changed."""
    shape = list(turns)
    yield shape
    for change in (gathered, folded, joined, spoken):
        changed = change(shape)
        if changed != shape:
            shape = changed
            yield shape


def gathered(turns: Sequence[Turn]) -> list[Turn]:
    """One system message in front; later ones are the user's."""
    front = next((at for at, turn in enumerate(turns) if turn["role"] != "system"), len(turns))
    head = [{"role": "system", "content": _text(turns[:front])}] if front else []
    return [*head, *(turn | {"role": "user"} if turn["role"] == "system" else turn for turn in turns[front:])]


def folded(turns: Sequence[Turn]) -> list[Turn]:
    """No system message: its text begins the first message of the user."""
    system = [turn for turn in turns if turn["role"] == "system"]
    others = [turn for turn in turns if turn["role"] != "system"]
    if not system:
        return others
    if others and others[0]["role"] == "user":
        return [others[0] | {"content": _text([*system, others[0]])}, *others[1:]]
    return [{"role": "user", "content": _text(system)}, *others]


def joined(turns: Sequence[Turn]) -> list[Turn]:
    """Never two messages of one role in a row."""
    runs: list[list[Turn]] = []
    for turn in turns:
        if runs and turn["role"] == runs[-1][-1]["role"] and _plain(turn) and _plain(runs[-1][-1]):
            runs[-1].append(turn)
        else:
            runs.append([turn])
    return [run[0] | {"content": _text(run)} if len(run) > 1 else run[0] for run in runs]


def spoken(turns: Sequence[Turn]) -> list[Turn]:
    """Calls and their results as text, for templates that know no such roles."""
    return joined([_spoken(turn) for turn in turns])


def in_parts(turns: Sequence[Turn]) -> list[Turn]:
    """For templates that want to see content as a list of parts."""
    return [
        turn | {"content": [{"type": "text", "text": turn["content"]}]} if isinstance(turn["content"], str) else turn
        for turn in turns
    ]


def _spoken(turn: Turn) -> Turn:
    if turn["role"] == "tool":
        return {"role": "user", "content": f"Result of {turn.get('name') or 'the tool'}:\n{turn['content']}"}
    calls = [json.dumps(call["function"], ensure_ascii=False) for call in turn.get("tool_calls", [])]
    if not calls:
        return turn
    return {"role": turn["role"], "content": "\n".join(filter(None, [turn["content"], *calls]))}


def _plain(turn: Turn) -> bool:
    """Words alone, that can be put behind each other."""
    return turn["role"] != "tool" and "tool_calls" not in turn and isinstance(turn["content"], str)


def _text(turns: Sequence[Turn]) -> str:
    return "\n\n".join(str(turn["content"]) for turn in turns if turn["content"])
