"""The table of all settings: it makes the flags, the variables, the keys of a file, and their help."""

import argparse
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from . import kinds, upstreams
from .upstreams import Upstream

PORT = 17615
# What a setting may say of votes, and a request.
MOST_CANDIDATES = 16
LONGEST_PATIENCE = 600
PREFIX = "LOCALSWARM_"
# It names the file, so it cannot stand in it.
CONFIG, CONFIG_FLAG, CONFIG_VARIABLE = "config", "--config", PREFIX + "CONFIG"

Use = Literal["coding", "chat"]
Kept = Literal["auto", "f16", "q8_0", "q4_0"]
Decide = Literal["freely", "first"]
Strategy = Literal["auto", "fast", "vote"]
SelfTest = Literal["idle", "off"]
Engine = Literal["auto", "llamacpp", "mlx", "vllm"]


@dataclass(frozen=True, slots=True)
class Settings:
    auto: bool = False
    model: str | None = None
    use: Use = "coding"
    force: bool = False
    offline: bool = False
    models_dir: Path | None = None
    hub: str = "https://huggingface.co"
    host: str = "localhost"
    port: int = PORT
    state_dir: Path = Path()
    context: int = 0
    instances: int = 0
    threads: int = 0
    gpu_layers: int = -1
    engine: Engine = "auto"
    vllm_port: int = 0
    vllm_arguments: str | None = None
    kv: Kept = "auto"
    dialect: str | None = None
    decide: Decide = "freely"
    strategy: Strategy = "auto"
    candidates: int = 5
    quorum: int = 1
    patience: int = 0
    self_test: SelfTest = "idle"
    allow_origin: tuple[str, ...] = ()
    upstream: tuple[Upstream, ...] = ()
    api_key: str | None = None


@dataclass(frozen=True, slots=True)
class Option:
    name: str
    parse: Callable[[str], Any]
    help: str
    placeholder: str = ""
    kind: type = str  # in a file; `list`: of texts, and the flag can be given several times
    choices: tuple[str, ...] = ()
    unset: str = ""  # what the default means, where it does not speak for itself
    secret: bool = False  # never a flag: flags are seen by every user of a machine

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def no_flag(self) -> str:
        return "--no-" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        return PREFIX + self.name.upper()

    @property
    def default(self) -> str:
        """In words; empty where there is none."""
        value = next(field.default for field in fields(Settings) if field.name == self.name)
        return self.unset or ("" if value in (None, False, ()) else str(value))


def _yes_or_no(name: str, help: str) -> Option:
    return Option(name, kinds.truth, help, kind=bool)


def _count(name: str, least: int, most: int, help: str, placeholder: str = "N", unset: str = "") -> Option:
    return Option(name, kinds.number(least, most), help, placeholder, int, unset=unset)


def _choice(name: str, help: str, *known: str) -> Option:
    return Option(name, kinds.one_of(*known), help, choices=known)


OPTIONS = (
    _yes_or_no("auto", "take the best model for this machine and serve it"),
    Option("model", kinds.text, "serve this: name[:size[:quant]], a GGUF file, an MLX folder, or a hub repo", "MODEL"),
    _choice("use", "what the model is chosen for", "coding", "chat"),
    _yes_or_no("force", "take what was asked for although it may not fit"),
    _yes_or_no("offline", "use only what is on this machine already"),
    Option("models_dir", kinds.path, "keep downloaded models in this folder", "FOLDER", unset="the hub's own cache"),
    Option("hub", kinds.address, "download models from here", "URL"),
    Option("host", kinds.text, "listen on this address; beyond loopback an API key is required", "ADDRESS"),
    _count("port", 0, 65535, "listen on this port; 0 takes any free one"),
    Option(
        "state_dir",
        kinds.path,
        "keep logs, keys and the database of this node in this folder",
        "FOLDER",
        unset="by system",
    ),
    _count(
        "context", 128, 2**24, "tokens of one request, prompt and answer together", "TOKENS", "as memory and use want"
    ),
    _count(
        "instances", 1, 64, "seats: candidates that answer at once; they share one memory", unset="up to 8, as fits"
    ),
    _count(
        "threads",
        1,
        1024,
        "CPU threads of the engine, at most; it takes fewer when that is faster",
        unset="the cores that count",
    ),
    _count("gpu_layers", -1, 1000, "layers of the model that a GPU holds; -1: as many as fit", unset="as many as fit"),
    _choice(
        "engine",
        "what the model runs on; MLX is for Macs with Apple Silicon, and a GGUF file is converted for it once; vLLM is "
        "for GPUs under Linux, and is installed beside us",
        "auto",
        "llamacpp",
        "mlx",
        "vllm",
    ),
    _count(
        "vllm_port",
        0,
        65535,
        "vLLM listens on this port of this machine; one that serves the model there already is used",
        unset="any that is free",
    ),
    Option("vllm_arguments", kinds.text, "more words for the command `vllm serve`, in quotes", "WORDS"),
    _choice("kv", "how keys and values are kept; fewer bits leave room for more tokens", "auto", "f16", "q8_0", "q4_0"),
    Option(
        "dialect",
        kinds.text,
        "how the model calls tools, where its chat template misleads us",
        "NAME",
        unset="as its template says",
    ),
    _choice(
        "decide",
        "whether a model that may call tools writes freely, or chooses first between talking and a tool",
        "freely",
        "first",
    ),
    _choice(
        "strategy",
        "when several answer a request for `swarm` and the best answer is chosen",
        "auto",
        "fast",
        "vote",
    ),
    _count("candidates", 1, MOST_CANDIDATES, "at most so many answer for one to be chosen"),
    _count("quorum", 1, MOST_CANDIDATES, "so many valid answers there should be before one is chosen"),
    _count(
        "patience",
        0,
        LONGEST_PATIENCE,
        "once one has answered others are waited for so long",
        "SECONDS",
        "by their speed",
    ),
    _choice(
        "self_test",
        "whether the model is asked some short questions, once and only while nobody else asks it anything",
        "idle",
        "off",
    ),
    Option(
        "allow_origin",
        kinds.origins,
        "web pages of this origin may use the API too, such as https://chat.example or chrome-extension://*",
        "ORIGIN",
        list,
    ),
    Option(
        "upstream",
        upstreams.parse,
        "take in the models of an OpenAI-compatible server",
        "URL[,key_file=FILE|,key_variable=NAME]",
        list,
    ),
    Option("api_key", kinds.key, "the key that clients must send", "KEY", secret=True),
)
BY_NAME = {option.name: option for option in OPTIONS}


def add_flags(parser: argparse.ArgumentParser, shown: Container[str] = tuple(BY_NAME)) -> None:
    """All of them; the help shows only some, where a command has little to do with the others."""
    group = parser.add_argument_group("settings")
    text = f"read settings from this TOML file ({CONFIG_VARIABLE})"
    group.add_argument(CONFIG_FLAG, metavar="FILE", default=None, help=text)
    for option in OPTIONS:
        if option.secret:
            continue
        default = f", default {option.default}" if option.default else ""
        text = f"{option.help} ({option.variable}{default})" if option.name in shown else argparse.SUPPRESS
        if option.kind is bool:
            group.add_argument(option.flag, action="store_const", const="true", default=None, help=text)
            group.add_argument(
                option.no_flag, action="store_const", const="false", dest=option.name, help=argparse.SUPPRESS
            )
        elif option.choices:
            group.add_argument(option.flag, choices=option.choices, default=None, help=text)
        else:
            action = "append" if option.kind is list else "store"
            group.add_argument(option.flag, action=action, metavar=option.placeholder, default=None, help=text)


def same_again(settings: Settings) -> Sequence[str]:
    """The flags that start exactly this configuration; secrets stay out of it."""
    defaults = Settings()
    words = []
    for option in OPTIONS:
        value = getattr(settings, option.name)
        if option.secret or value is None or (value == getattr(defaults, option.name) and option.name != "port"):
            continue
        for one in value if isinstance(value, tuple) else (value,):
            words += [option.flag] if one is True else [option.flag, str(one)]
    return words
