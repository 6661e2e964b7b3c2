"""What servers tell of their models, each under names of its own. Pure.

A context that nobody tells is assumed, and mended as soon as a refusal tells it. The one that a model was trained for
is no promise that it is served.
"""

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..member import Details, Served
from ..routing import is_whole
from . import chunks

# A usual one; agents need as much.
ASSUMED_CONTEXT = 32768
# What Ollama serves where nothing else is said; longer prompts are cut there without a word.
OLLAMA_CONTEXT = 4096
SEATS = 8  # where a server does not tell: requests that it answers at once before others are preferred
OURS = "local-swarm"
CONTEXTS = (
    "max_model_len", "context_length", "context_window", "loaded_context_length", "max_input_tokens", "n_ctx",
    "max_context_length", "max_context_len", "max_tokens",
)  # fmt: skip
SIZE = re.compile(r"(?<![a-z0-9.])(\d{1,6}(?:\.\d{1,6})?)\s*([bm])(?![a-z0-9])", re.IGNORECASE)
EMBEDDER = re.compile(r"embed|\bbge\b|\bgte\b|rerank|\be5\b|minilm", re.IGNORECASE)
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """One model of a server. A context of 0: it did not tell."""

    name: str  # as the server calls it
    id: str  # as it is called here
    owner: str = ""
    context: int = 0
    trained: int = 0
    seats: int = SEATS
    created: int = 0
    details: Details = field(default_factory=Details)
    notes: tuple[str, ...] = ()

    def served(self, address: str, learnt: int) -> Served:
        """`learnt`: the context that a refusal told."""
        context = min(self.context or learnt or ASSUMED_CONTEXT, learnt or self.context or ASSUMED_CONTEXT)
        notes = (f"It is served by {address}.", *self.notes)
        if not (self.context or learnt):
            notes += (f"That server does not tell its context; {ASSUMED_CONTEXT} tokens are assumed.",)
        return Served(
            self.id, context, self.trained or context, self.seats, self.created, notes, self.details, local=False
        )


def listed(body: Any, host: str = "") -> list[Told]:
    """The list of models. What a node like this one has from others is theirs to serve. `host`: for a model whose name
    is taken here, since it would mean the whole swarm."""
    found = body.get("data") or body.get("models") if isinstance(body, dict) else body
    told = [_told(entry) for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
    own = {entry["id"] for entry in _objects(found) if entry.get("owned_by") == OURS and entry.get("local") is False}
    kept = [one for one in told if one.name and not (one.owner == OURS and (is_whole(one.id) or one.name in own))]
    return [replace(one, id=f"{one.id}@{host}") if is_whole(one.id) else one for one in kept]


def with_props(told: Told, props: Json) -> Told:
    """llama.cpp's server: the context of one seat, and whether it sees."""
    context = _count(_inside(props, "default_generation_settings").get("n_ctx"))
    sees = _inside(props, "modalities").get("vision") is True
    template = props.get("chat_template")
    caps = _inside(props, "chat_template_caps")
    # What its template does not show to the model, it leaves out without a word.
    grade = "none" if caps.get("supports_tools") is False and caps.get("supports_tool_calls") is False else "native"
    text = template if isinstance(template, str) else ""
    details = replace(told.details, sees=sees, template=text, tool_grade=grade)
    seats = _count(props.get("total_slots")) or told.seats
    return replace(told, context=context or told.context, seats=seats, details=details)


def with_ollama(told: Told, shown: Json, running: Any) -> Told:
    """The context is that of the loaded model, or of its own parameters; the trained one is not what is served."""
    info, details = _inside(shown, "model_info"), _inside(shown, "details")
    trained = next((_count(value) for key, value in info.items() if key.endswith(".context_length")), 0)
    wish = re.search(r"^num_ctx\s+(\d{1,9})\b", str(shown.get("parameters") or ""), re.MULTILINE)
    loaded = next((_count(one.get("context_length")) for one in _objects(running) if one.get("name") == told.name), 0)
    context = loaded or (int(wish.group(1)) if wish else 0)
    can = shown.get("capabilities")
    abilities = can if isinstance(can, list) else ["completion", "tools"]
    found = replace(
        told.details,
        family=_text(details.get("family")),
        quant=_text(details.get("quantization_level")),
        parameters=_count(info.get("general.parameter_count")) or told.details.parameters,
        tool_grade="native" if "tools" in abilities else "none",
        sees="vision" in abilities,
        thinks="thinking" in abilities,
        embeds="embedding" in abilities,
        chats="completion" in abilities,
    )
    notes = () if context else ("Ollama tells its context only of a model that is loaded; its least is assumed.",)
    least = min(OLLAMA_CONTEXT, trained or OLLAMA_CONTEXT)
    return replace(told, context=context or least, trained=trained, details=found, notes=notes)


def with_lmstudio(told: Told, listed: Any) -> Told:
    """Both of its forms."""
    entry = next((one for one in _objects(listed) if told.name in (one.get("key"), one.get("id"))), None)
    if entry is None:
        return told
    instance = next(_objects(entry.get("loaded_instances")), {})
    loaded = _count(_inside(instance, "config").get("context_length")) or _count(entry.get("loaded_context_length"))
    trained = _count(entry.get("max_context_length"))
    kind, can = _text(entry.get("type")), _inside(entry, "capabilities")
    size = _size(_text(entry.get("params_string"))) or told.details.parameters
    embeds = kind.startswith("embedding")
    details = replace(
        told.details,
        family=_text(entry.get("architecture") or entry.get("arch")),
        sees=can.get("vision") is True or kind == "vlm",
        embeds=embeds,
        chats=not embeds,
        parameters=size,
    )
    return replace(told, context=loaded or trained or told.context, trained=trained, details=details)


def with_litellm(told: Told, listed: Any) -> Told:
    entry = next((one for one in _objects(listed) if one.get("model_name") == told.name), None)
    if entry is None:
        return told
    info = _inside(entry, "model_info")
    embeds = info.get("mode") == "embedding"
    details = replace(
        told.details,
        sees=info.get("supports_vision") is True,
        thinks=info.get("supports_reasoning") is True,
        embeds=embeds or told.details.embeds,
        chats=not embeds and told.details.chats,
    )
    return replace(told, context=_count(info.get("max_input_tokens")) or told.context, details=details)


def _told(entry: Json) -> Told:
    name = _text(entry.get("id")) or _text(entry.get("name")) or _text(entry.get("model"))
    meta = _inside(entry, "meta")
    context = _first(entry) or _first(meta)
    size = _count(meta.get("n_params")) or _size(name)
    created = _count(entry.get("created")) or int(time.time())
    details = Details(
        tool_grade="native",
        bytes=_count(meta.get("size")),
        parameters=size,
        quant=_text(meta.get("ftype")),
        embeds=bool(EMBEDDER.search(name)) or entry.get("supports_embeddings") is True,
        chats=not EMBEDDER.search(name),
        sees=entry.get("supports_vision") is True or "image" in _modalities(entry),
        thinks=entry.get("supports_reasoning") is True,
    )
    seats = _count(entry.get("seats")) or SEATS
    trained = _count(meta.get("n_ctx_train"))
    return Told(name, _readable(name), _text(entry.get("owned_by")), context, trained, seats, created, details)


def _modalities(entry: Json) -> list[Any]:
    found = _inside(entry, "architecture").get("input_modalities")
    return found if isinstance(found, list) else []


def _readable(name: str) -> str:
    """llama.cpp's server calls a model by the path of its file where nobody gave it a name."""
    return re.sub(r"\.gguf$", "", re.split(r"[/\\]", name)[-1]) if name.endswith(".gguf") else name


def _size(name: str) -> int:
    """Parameters, as names tell them: qwen2.5-coder:7b, SmolLM2-135M. Of several the first is the whole: 30B-A3B."""
    found = SIZE.search(name.replace("-", " ").replace("_", " ").replace(":", " "))
    return int(float(found.group(1)) * (10**9 if found.group(2).lower() == "b" else 10**6)) if found else 0


def _first(some: Json) -> int:
    return next((count for key in CONTEXTS if (count := _count(some.get(key)))), 0)


def _count(value: Any) -> int:
    return chunks.count(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _inside(some: Json, key: str) -> Json:
    value = some.get(key)
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        value = value.get("data") or value.get("models")
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())
