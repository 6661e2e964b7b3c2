"""Where in a schema something is, and what was said about it to the user."""

from typing import Any

from .values import writable

Node = dict[str, Any]
Place = tuple[str, ...]

MOST_WARNINGS = 32
# What is worth showing to a model besides the constraints. Titles repeat the names of properties.
NOTES = ("description", "default", "examples")


class Warnings:
    def __init__(self) -> None:
        self._said: dict[str, None] = {}

    def add(self, place: Place, what: str) -> None:
        if len(self._said) < MOST_WARNINGS:
            self._said[f"{named(place)} {what}"] = None

    @property
    def all(self) -> tuple[str, ...]:
        return tuple(self._said)


def named(place: Place) -> str:
    text = ".".join(place).encode("utf-8", "replace").decode()
    return (text if len(text) <= 120 else f"{text[:117]}...") or "The schema"


def notes(node: Node) -> Node:
    return {
        name: node[name]
        for name in NOTES
        if name in node and writable(node[name]) and (name != "description" or isinstance(node[name], str))
    }


def without(node: Node, *keywords: str) -> Node:
    return {name: value for name, value in node.items() if name not in keywords}
