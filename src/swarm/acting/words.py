"""What a model is told on the way, beside the results of its calls."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """`last`: it may call no more. `again`: it made the same call in the round before. `on`: it said nothing.
    `unreadable`: what it said was meant as a call."""

    last: str = ""
    again: str = ""
    on: str = ""
    unreadable: str = ""
