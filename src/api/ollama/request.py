"""A chat or a text to be continued, from Ollama's wire. Pure."""

from dataclasses import dataclass
from typing import Any

from ...chat import ChatRequest, Message, Text
from ...swarm.answer import TAG
from .. import policy
from ..fields import Fields
from . import messages, options
from .images import images


@dataclass(frozen=True, slots=True)
class Call:
    request: ChatRequest
    name: str  # the model as the client calls it
    stream: bool

    @property
    def loads(self) -> bool:
        """Nothing is asked: in Ollama this loads a model, and here every model is loaded already."""
        return not self.request.messages and not self.request.raw


def chat_from_wire(body: dict[str, Any], request_id: str) -> Call:
    fields = Fields(body)
    said = messages.messages(fields)
    offered, hosted = messages.tools(fields)
    continued = bool(said) and said[-1].role == "assistant" and not said[-1].calls
    return _call(fields, request_id, messages=said, tools=offered, hosted=hosted, continue_last=continued)


def generate_from_wire(body: dict[str, Any], request_id: str) -> Call:
    fields = Fields(body)
    fields.refuse("suffix", unless=("",))
    fields.refuse("template", unless=("",))
    fields.refuse("context", unless=([],))
    prompt, system, pictures = fields.text("prompt") or "", fields.text("system"), images(fields)
    if fields.truth("raw"):
        fields.refuse("images", unless=([],))
        return _call(fields, request_id, messages=(), raw=prompt)
    first = (Message("system", (Text(system),)),) if system else ()
    if not prompt and not pictures:
        return _call(fields, request_id, messages=())
    return _call(fields, request_id, messages=(*first, Message("user", (Text(prompt), *pictures))))


def plain_name(name: str) -> str:
    """Ollama's clients add a tag to names that have none."""
    return name.removesuffix(TAG)


def name_of(fields: Fields) -> str:
    """`name` is the older field."""
    name = fields.text("model") or fields.text("name")
    if not name:
        raise fields.missing("model")
    return name


def _call(fields: Fields, request_id: str, **asked: Any) -> Call:
    options.check_keep_alive(fields)
    name = name_of(fields)
    request = ChatRequest(
        id=request_id,
        model=plain_name(name),
        response_format=options.response_format(fields),
        reasoning=options.reasoning(fields),
        sampling=options.sampling(fields),
        policy=policy.read(fields),
        **asked,
    )
    return Call(request, name, fields.truth("stream") is not False)
