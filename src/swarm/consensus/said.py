"""What one kind makes of a candidate."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    key: str = ""
    soft: str = ""
    exact: bool = True
    why: str = ""  # it cannot be counted
