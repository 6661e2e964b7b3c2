"""SmolLM2 that was tuned on calls."""

from localswarm.dialects.families.smollm2 import FAMILY

from .reading import accepted, call, read

ONE = '{"name": "get_weather", "arguments": {"city": "Paris"}}'
NOW = '{"name": "now", "arguments": {}}'


def test_an_array_of_calls() -> None:
    assert accepted(FAMILY, f"<tool_call>[\n{ONE},\n{NOW}\n]</tool_call>")
    assert not accepted(FAMILY, f"<tool_call>\n{ONE}\n</tool_call>")


def test_it_is_read() -> None:
    text = f"<tool_call>[\n{ONE},\n{NOW}\n]</tool_call>"
    assert read(FAMILY, text) == [*call("get_weather", '{"city": "Paris"}'), *call("now", "{}")]
