"""What vLLM's log tells: how far its start is, and in the end why it ended. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST = 300
# `(EngineCore_0 pid=21) ERROR 08-20 14:01:22 [core.py:586] ` stands before what is said, once or twice.
HEAD = re.compile(r"^(?:\s*\([\w.: -]+ pid=\d+\)|\s*(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)\b:?|\s*[\d-]{5,} [\d:]{8}|"
                  r"\s*\[[\w./]+:\d+\])+\s*")  # fmt: skip
FAULT = re.compile(r"^(?:[\w.]*(?:Error|Exception|Interrupt|OutOfMemory\w*)\b:? ?.*|vllm\b.*: error: .*|error: .*)")
# They only say that something went wrong, which was said before them.
HOLLOW = re.compile(r"Engine core initialization failed|See root cause above|Engine process failed to start|EngineDead")
SHARDS = re.compile(r"Loading [\w ]*checkpoint shards:\s+(\d+)%")
# The part of a start at which each is said; loading the weights fills what lies between two.
BEGIN, WEIGHTS_BEGIN, WEIGHTS_END = 0.05, 0.15, 0.6
STEPS = (
    ("vLLM API server version", BEGIN, "starting"),
    ("Initializing a V1 LLM engine", 0.1, "making its engine"),
    ("Starting to load model", WEIGHTS_BEGIN, "loading the weights"),
    ("Loading weights took", WEIGHTS_END, "the weights are loaded"),
    ("Model loading took", WEIGHTS_END, "the weights are loaded"),
    ("torch.compile", 0.7, "compiling"),
    ("Available KV cache memory", 0.8, "making room for its cache"),
    ("GPU KV cache size", 0.8, "making room for its cache"),
    ("Capturing CUDA graph", 0.85, "capturing graphs"),
    ("Graph capturing finished", 0.95, "nearly ready"),
    ("Application startup complete", 1.0, "ready"),
)


@dataclass(frozen=True, slots=True)
class Progress:
    part: float = 0.0
    words: str = "starting"


def progress(line: str, before: Progress) -> Progress:
    """It goes back only where a new start begins: several processes write into one log."""
    now = _told(line)
    return now if now and (now.part > before.part or now.part == BEGIN) else before


def _told(line: str) -> Progress | None:
    if found := SHARDS.search(line):
        percent = int(found[1])
        part = WEIGHTS_BEGIN + (WEIGHTS_END - WEIGHTS_BEGIN) * percent / 100
        return Progress(part, f"loading the weights, {percent} %")
    return next((Progress(part, words) for sign, part, words in STEPS if sign in line), None)


def fault(lines: Sequence[str]) -> str:
    """The last error that says something; empty where there is none."""
    said = [found for line in lines if FAULT.match(found := HEAD.sub("", line).strip())]
    telling = [one for one in said if not HOLLOW.search(one)] or said
    return shortened(telling[-1]) if telling else ""


def last(lines: Sequence[str]) -> str:
    found = (HEAD.sub("", line).strip() for line in reversed(lines))
    return shortened(next(filter(None, found), ""))


def shortened(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + "..."


def is_port_taken(said: str) -> bool:
    return "address already in use" in said.lower()


def mend(said: str, model: str) -> str:
    """What the user can do about it."""
    low = said.lower()
    if found := re.search(r"estimated maximum model length is (\d+)", said):
        return f"Take a shorter context: --context {found[1]}"
    for signs, advice in (
        (("gated repo", "401 client", "403 client", "gatedrepo"), "Ask for access on the hub, and set HF_TOKEN"),
        (("not a valid model identifier", "invalid repository id", "repository not found", "404 client",
          "repositorynotfound"), f"Is '{model}' the name of a repository on the hub, as ORG/NAME?"),
        (("offlinemodeisenabled", "hf_hub_offline", "localentrynotfound"), "Without --offline it can be downloaded"),
        (("out of memory", "free memory on device", "no available memory", "kv cache"),
         "Close what else uses the GPU, take a smaller model, or a shorter context: --context 8192"),
        (("tool parser", "tool call parser", "reasoning parser", "unrecognized arguments", "invalid choice"),
         "Update vLLM, or say how it is to be started: --vllm-arguments '...'"),
        (("model architectures", "not supported for now"), "Update vLLM, or take another model"),
    ):  # fmt: skip
        if any(sign in low for sign in signs):
            return advice
    return ""
