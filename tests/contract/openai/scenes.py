"""What the scripted model does in these tests: it asks for the weather, and then says what it was told."""

from collections.abc import Sequence
from typing import Any

from localswarm.chat import ChatRequest

from tests.swarm.scripted import Step, calls, says

WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
TOOL: Any = {
    "type": "function",
    "function": {"name": "get_weather", "description": "The weather.", "parameters": WEATHER, "strict": True},
}
ARGUMENTS = ('{"city"', ': "Bo', 'nn"}')


def weather(request: ChatRequest) -> Sequence[Step]:
    results = request.messages[-1].results
    return says("It is ", results[0].content, ".") if results else calls("get_weather", *ARGUMENTS, thought="hm")
