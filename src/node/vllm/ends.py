"""Why a vLLM ended, in words for the user: what became of its process, and what its log says. Pure."""

from collections.abc import Sequence

from ...engines.vllm import log
from ...errors import StartError
from .guarded import Guarded
from .start import Start


class VllmFailed(StartError):
    code = "vllm_failed"


def how(life: Guarded, start: Start) -> str:
    if life.why:
        return f"{start.executable} cannot be run ({life.why})."
    if life.code is None:
        return f"vLLM ended (log: {start.log})."
    how = f"was killed by signal {-life.code}" if life.code < 0 else f"ended with code {life.code}"
    return f"vLLM {how} (log: {start.log})."


def quoted(lines: Sequence[str]) -> str:
    said = log.fault(lines) or log.last(lines)
    return f" It said: {said}" if said else ""


def is_port_taken(lines: Sequence[str]) -> bool:
    return log.is_port_taken(log.fault(lines))


def failed(start: Start, port: int, how_it_ended: str, lines: Sequence[str]) -> str:
    """Of one that never became ready, with what mends it."""
    if is_port_taken(lines):
        return (
            f"vLLM could not listen on port {port}, for another program took it. "
            "Take another: --vllm-port N, or any: --vllm-port 0"
        )
    said = quoted(lines)
    advice = log.mend(said, start.wish.model)
    told = f"vLLM could not be started with {start.wish.name}. {how_it_ended}{said}"
    return f"{told} {advice}" if advice else told
