"""Answers and rows for tests that want some."""

from localswarm.cli.quality.row import Answer, Row


def row(
    name: str,
    at: int,
    one: bool,
    vote: bool,
    some: bool | None = None,
    agreement: float | None = None,
    failed: str = "",
) -> Row:
    """Five votes of ten tokens and two seconds each; the adaptive one is as the vote, for half of it."""
    possible = vote if some is None else some
    voted = Answer(vote, 2.0, 50, 5, possible, "vote", agreement, agreement, failed=failed)
    adaptive = Answer(vote, 1.5, 25, 3, vote, "vote", agreement)
    return Row(f"{name}_{at}", name, {"one": Answer(one, 1.0, 10), "vote": voted, "adaptive": adaptive})


ROWS = [
    row("sums", 0, True, True, agreement=1.0),
    row("sums", 1, False, True, agreement=0.8),
    row("sums", 2, False, False, some=True, agreement=0.4),
    row("sums", 3, False, False, agreement=0.6),
    row("calls", 0, True, True),
    row("calls", 1, True, False, failed="too few valid answers"),
]
