"""The command line of `vllm serve`, and the variables that it is started with. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .parsers import Parsers

LOOPBACK = "127.0.0.1"
# What it takes of a GPU where nobody says anything else, and what it leaves where others hold a part of it.
USUAL_SHARE, SPARE_SHARE = 0.9, 0.02
# These are ours to choose: the node would not find its server otherwise.
OURS = ("--host", "--port", "--uds", "--api-key", "--served-model-name", "--model", "--ssl-keyfile", "--root-path")
# Our key does not belong to another program, and the name of ours would be taken for vLLM's.
KEPT_BACK = ("LOCALSWARM_API_KEY", "VLLM_API_KEY", "VLLM_PORT", "VLLM_HOST_IP")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be served, and how. 0 and empty: as vLLM wants."""

    model: str  # ORG/NAME, or the path of a folder
    name: str  # under which it is asked for
    parsers: Parsers
    context: int = 0
    seats: int = 0
    folder: str = ""  # where it keeps what it downloads
    share: float = 0.0  # of each GPU's memory
    more: tuple[str, ...] = ()  # that the user wants beside all this


def words(executable: str, wish: Wish, port: int) -> list[str]:
    """The user's own come last, and take the place of ours."""
    flags = [flag for flag in _flags(wish) if not _is_there(flag[0], wish.more)]
    fixed = ["--host", LOOPBACK, "--port", str(port), "--served-model-name", wish.name]
    return [executable, "serve", wish.model, *fixed, *(word for flag in flags for word in flag), *wish.more]


def variables(own: Mapping[str, str], key: str, hub: str, offline: bool) -> dict[str, str]:
    """The key is a variable: a command line is seen by every user of the machine."""
    kept = {name: value for name, value in own.items() if name not in KEPT_BACK}
    kept |= {"VLLM_API_KEY": key, "PYTHONUNBUFFERED": "1", "VLLM_NO_USAGE_STATS": "1"}
    if hub:
        kept["HF_ENDPOINT"] = hub
    return kept | ({"HF_HUB_OFFLINE": "1"} if offline else {})


def share(total: int, free: int) -> float:
    """vLLM refuses to start where less is free than the part of the GPU that it is to take."""
    if not total or free >= total * (USUAL_SHARE + SPARE_SHARE):
        return 0.0
    return max(0.05, int((free / total - SPARE_SHARE) * 100) / 100)


def forbidden(more: Sequence[str]) -> str:
    """The first of the user's words that is ours to say; empty where there is none."""
    return next((flag for flag in OURS if _is_there(flag, more)), "")


def _flags(wish: Wish) -> Iterator[list[str]]:
    yield ["--enable-prefix-caching"]
    yield ["--disable-uvicorn-access-log"]
    if wish.parsers.tools or _is_there("--tool-call-parser", wish.more):
        yield ["--enable-auto-tool-choice"]
        yield ["--tool-call-parser", wish.parsers.tools]
    if wish.parsers.thoughts:
        yield ["--reasoning-parser", wish.parsers.thoughts]
    if wish.context:
        yield ["--max-model-len", str(wish.context)]
    if wish.seats:
        yield ["--max-num-seqs", str(wish.seats)]
    if wish.folder:
        yield ["--download-dir", wish.folder]
    if wish.share:
        yield ["--gpu-memory-utilization", str(wish.share)]


def _is_there(flag: str, words: Sequence[str]) -> bool:
    """In any of the ways to write it: --a-b x, --a-b=x, --a_b x, and --no-a-b."""
    said = [word.partition("=")[0].replace("_", "-") for word in words]
    return flag in said or flag.replace("--", "--no-", 1) in said
