"""How an answer was chosen, in one line, from what a node tells of it. Pure."""

from typing import Any

KINDS = {"tool_call": "a tool call", "json": "JSON", "short": "a short answer", "code": "code", "prose": "prose"}
METHODS = {
    "vote": "chosen by vote",
    "tie": "chosen from a tie",
    "select": "chosen as the best",
    "synth": "written out of several",
}


def in_words(swarm: dict[str, Any]) -> str:
    """Empty where the node tells nothing of it."""
    said = [_chosen(swarm), *swarm.get("warnings", ())]
    return "; ".join(one for one in said if one)


def _chosen(swarm: dict[str, Any]) -> str:
    ballots = swarm.get("ballots")
    if not ballots:
        return ""
    winner = ballots[swarm["winner"]]
    by = f"by {winner['seat']} ({winner['model']})"
    if swarm["method"] == "single":
        return f"answered {by}"
    words = [
        f"{METHODS.get(swarm['method'], swarm['method'])}: {KINDS.get(swarm['kind'], swarm['kind'])} {by}",
        f"{swarm['valid']} of {swarm['requested']} valid",
        _share(swarm, "agreement", "agree"),
        _share(swarm, "confidence", "sure"),
        "decided early" if swarm["early_stop"] else "",
    ]
    return ", ".join(word for word in words if word)


def _share(swarm: dict[str, Any], key: str, word: str) -> str:
    share = swarm.get(key)
    return "" if share is None else f"{share:.0%} {word}"
