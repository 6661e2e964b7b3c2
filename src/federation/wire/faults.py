"""Errors that cross the wire. One that is not known here becomes the nearest of its parents that is."""

from dataclasses import dataclass, replace

from ... import errors
from ...errors import ContextOverflow, SwarmError, Unavailable
from .cleaning import MOST_WORDS, plain
from .codec import Codec
from .versions import OtherVersion

# Some errors quote what was wrong.
MOST_MESSAGE = 4000
MOST_NAMES = 16
MOST_WAIT = 3600  # seconds

KNOWN: dict[str, type[SwarmError]] = {
    kind.__name__: kind
    for kind in (
        errors.BadRequest,
        errors.NotSupported,
        errors.ContextOverflow,
        errors.Forbidden,
        errors.Unauthorized,
        errors.NotFound,
        errors.ModelNotFound,
        errors.WrongMethod,
        errors.BodyTooLarge,
        errors.Unavailable,
        errors.ModelLoading,
        errors.Overloaded,
        errors.EngineDied,
        errors.NoQuorum,
        errors.ShuttingDown,
        errors.EngineFault,
        errors.UpstreamFault,
        OtherVersion,
    )
}


@dataclass(frozen=True, slots=True)
class Fault:
    """`names`: of its class and those above, the nearest first. The rest is what some classes carry beyond it."""

    names: tuple[str, ...]
    message: str
    param: str | None = None
    retry_after: int = 2
    model: str = ""
    prompt_tokens: int = 0
    context: int = 0
    at_least: bool = False


def _clean(told: Fault) -> Fault:
    """It is told to users as if we had said it."""
    return replace(
        told,
        names=told.names[:MOST_NAMES],
        message=plain(told.message.replace("\n", " "), MOST_MESSAGE),
        param=told.param and plain(told.param, MOST_WORDS),
        retry_after=max(0, min(told.retry_after, MOST_WAIT)),
        model=plain(told.model, MOST_WORDS),
    )


FAULT: Codec[Fault] = Codec(Fault, "The error that a node told", _clean)


def fault_of(error: SwarmError) -> Fault:
    names = tuple(kind.__name__ for kind in type(error).__mro__ if kind.__name__ in KNOWN)
    match error:
        case ContextOverflow():
            overflow = (error.prompt_tokens, error.context, error.at_least)
            return Fault(names, error.message, error.param, 2, "", *overflow)
        case Unavailable():
            return Fault(names, error.message, error.param, error.retry_after, error.model)
    return Fault(names, error.message, error.param)


def error_of(fault: Fault) -> SwarmError:
    kind = next((KNOWN[name] for name in fault.names if name in KNOWN), errors.EngineFault)
    if kind is ContextOverflow:
        field = fault.param or "messages"
        return ContextOverflow(fault.prompt_tokens, fault.context, fault.at_least, field)
    # Not by its constructor: some make their message of what is not known here.
    error = kind.__new__(kind)
    SwarmError.__init__(error, fault.message, fault.param)
    if isinstance(error, Unavailable):
        error.retry_after, error.model = max(0, fault.retry_after), fault.model
    return error
