"""The vLLM of `--engine vllm`: from its process to an answer through the node, the first rung that does not hold."""

from pathlib import Path

from ... import settings as setting
from ...errors import StartError, SwarmError
from ...node.running import addresses
from ...node.vllm import record
from ...node.vllm.record import KEY_FILE, LOG_FILE, base_of
from ...settings import Settings
from ..client import Client
from .finding import Finding, Situation, fail, ok, warn

ANSWER_SECONDS = 20.0  # each of two
QUESTION = {"messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 8}
START = "Start it: python main.py --engine vllm --model ORG/NAME"


def check_vllm(situation: Situation) -> Finding:
    settings = situation.settings
    found = record.kept(settings.state_dir)
    if found:
        return _climb(settings, found.port, found.name, _read(settings.state_dir / KEY_FILE), True)
    if settings.engine != "vllm":
        return ok("not used; it is for --engine vllm")
    if settings.vllm_port and settings.model:
        return _theirs(settings)
    if addresses(settings.state_dir):
        return fail("process: a node runs, and no vLLM of its own", _see(settings))
    return _startable(settings)


def _theirs(settings: Settings) -> Finding:
    from ...node.vllm.ground import wish

    try:
        name = wish(settings).name
    except StartError as error:
        cause, _, mend = error.message.partition(". ")
        return fail(f"model name: {cause}", mend)
    return _climb(settings, settings.vllm_port, name, setting.variable("VLLM_API_KEY"), False)


def _climb(settings: Settings, port: int, name: str, key: str, ours: bool) -> Finding:
    vllm = Client(base_of(port), key or None, ANSWER_SECONDS)
    return (
        _listens(settings, port, name, key, ours)
        or _answers(settings, "direct answer", vllm, name)
        or _answers_through_us(settings, name)
        or ok(f"{name} answers at {base_of(port)}, and through the node")
    )


def _listens(settings: Settings, port: int, name: str, key: str, ours: bool) -> Finding | None:
    # Here and not above: a client of HTTP takes a moment to load, which the other commands need not wait for.
    from ...node.vllm.asked import ask_now

    said = ask_now(base_of(port), key)
    if not said.healthy:
        return _still_starts(settings, ours) or fail(
            f"port: {'what listens' if said.alive else 'nobody answers'} on port {port}"
            f"{' is not well (/health)' if said.alive else ''}",
            _see(settings),
        )
    if said.status in (401, 403):
        return fail(f"port: the vLLM on port {port} refuses our key", "Start the node again")
    if name not in said.models:
        served = ", ".join(said.models) or "nothing"
        return fail(f"model name: vLLM on port {port} serves {served}, and not {name}", START)
    return None


def _still_starts(settings: Settings, ours: bool) -> Finding | None:
    from ...node.vllm.tail import so_far

    progress = so_far(settings.state_dir / LOG_FILE)
    if not ours or progress.part >= 1:
        return None
    return warn(f"port: vLLM still starts ({progress.part:.0%}: {progress.words})", f"Wait. {_see(settings)}")


def _answers(settings: Settings, rung: str, client: Client, name: str) -> Finding | None:
    try:
        client.chat({"model": name, **QUESTION})
    except SwarmError as error:
        return fail(f"{rung}: {error.message.partition('. ')[0].rstrip('.')}", _see(settings))
    return None


def _answers_through_us(settings: Settings, name: str) -> Finding | None:
    running = addresses(settings.state_dir)
    if not running:
        return warn("answer through us: no node runs with this state folder", START)
    key = settings.api_key or _read(settings.state_dir / setting.KEY_FILE)
    return _answers(settings, "answer through us", Client(running[0], key or None, ANSWER_SECONDS), name)


def _startable(settings: Settings) -> Finding:
    from ...node.vllm.ground import lacks

    try:
        found = lacks(settings)
    except StartError as error:
        cause, _, mend = error.message.partition(". ")
        return fail(f"process: {cause}", mend)
    return ok(f"{found} can be started; no node runs it now")


def _see(settings: Settings) -> str:
    return f"See {settings.state_dir / LOG_FILE}"


def _read(file: Path) -> str:
    """Empty where it cannot be read: the answer will say that a key is missing."""
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
