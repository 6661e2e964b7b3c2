"""Models as Ollama's library reads them: with the context that is really there."""

from localswarm.api.ollama.models import running_to_wire, shown_to_wire, tags_to_wire
from localswarm.swarm.member import Details, Served
from ollama import ListResponse, ProcessResponse, ShowResponse

KNOWN = Details(
    "qwen2", "Q4_K_M", 900, 1_540_000_000, "chatml", "native", True, True, True, template="{{ m }}", digest="ab" * 32
)
MODELS = [Served("swarm", 4096, 32768, 4, 1_700_000_000, (), KNOWN), Served("qwen:1.5b", 4096, 32768, 4, 1)]


def test_the_list() -> None:
    first, second = ListResponse.model_validate(tags_to_wire(MODELS)).models
    assert (first.model, first.size, first.digest) == ("swarm:latest", 900, "ab" * 32)
    assert first.details and (first.details.family, first.details.parameter_size) == ("qwen2", "1.54B")
    assert second.model == "qwen:1.5b" and second.digest and len(second.digest) == 64


def test_what_is_loaded() -> None:
    first = ProcessResponse.model_validate(running_to_wire(MODELS)).models[0]
    assert first.context_length == 4096 and first.expires_at and first.expires_at.year == 9999


def test_one_model() -> None:
    shown = ShowResponse.model_validate(shown_to_wire(MODELS[0]))
    assert shown.modelinfo and shown.modelinfo["qwen2.context_length"] == 4096
    assert shown.modelinfo["general.architecture"] == "qwen2"
    assert shown.capabilities == ["completion", "tools", "thinking", "vision", "embedding"]
    assert shown.template == "{{ m }}" and shown.parameters == "num_ctx 4096"


def test_a_model_of_which_nothing_is_known_still_says_its_context() -> None:
    wire = shown_to_wire(MODELS[1])
    assert wire["model_info"]["unknown.context_length"] == 4096
    assert wire["model_info"]["general.architecture"] == "unknown"
