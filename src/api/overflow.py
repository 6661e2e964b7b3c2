"""A prompt that does not fit is told of by the field that the client filled; below nobody knows which one it was."""

from collections.abc import Awaitable
from typing import TypeVar

from ..errors import ContextOverflow

Answer = TypeVar("Answer")


async def of(field: str, answer: Awaitable[Answer]) -> Answer:
    try:
        return await answer
    except ContextOverflow as overflow:
        raise overflow.of(field) from None
