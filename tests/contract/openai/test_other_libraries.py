"""The libraries that others build their agents with, each through one loop of a tool and what is special to it."""

import gc
import os
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from localswarm.chat import ChatRequest
from localswarm.errors import ContextOverflow

from tests.api.serving import served
from tests.swarm.scripted import ScriptedMember, Step, calls, says

from .scenes import ARGUMENTS, TOOL, weather

# Otherwise litellm fetches a list of prices when it is imported.
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")

import langchain_openai
import litellm
import llm
import openai
import pydantic_ai
from langchain_core.messages import HumanMessage, ToolMessage
from litellm.exceptions import ContextWindowExceededError
from llm.default_plugins.openai_models import Chat
from pydantic import BaseModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider

# What they warn of is theirs to mend.
pytestmark = pytest.mark.filterwarnings("ignore")
ASK: Any = [{"role": "user", "content": "What is the weather in Bonn?"}]
CITY = '{"name": "Bonn", "people": 330000}'


class City(BaseModel):
    name: str
    people: int


class Node:
    """A served member whose script each test chooses."""

    def __init__(self) -> None:
        self.member = ScriptedMember()
        self.url = ""

    def plays(self, script: Any) -> None:
        self.member.script = script if callable(script) else lambda _: script
        self.member.asked.clear()


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    one = Node()
    with served(one.member) as address:
        one.url = f"{address}/v1"
        yield one
    # Some of them leave their connections to the garbage collector, which would say so in the middle of other tests.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()


def get_weather(city: str) -> str:
    """The weather."""
    return f"sunny in {city}"


def structured(request: ChatRequest) -> list[Step]:
    """As a call of the tool that some libraries make of a wanted form, or as the answer itself."""
    return calls(request.tools[0].name, CITY) if request.tools else says(CITY)


class TestLitellm:
    def ask(self, node: Node, **more: Any) -> Any:
        given = {"model": "openai/swarm", "api_base": node.url, "api_key": "none", "messages": ASK} | more
        return litellm.completion(**given, num_retries=0)

    def test_a_tool(self, node: Node) -> None:
        node.plays(weather)
        message = self.ask(node, tools=[TOOL]).choices[0].message
        assert message.tool_calls[0].function.arguments == "".join(ARGUMENTS) and message.reasoning_content == "hm"
        result = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "sunny"}
        answer = self.ask(node, tools=[TOOL], messages=[*ASK, message.model_dump(), result])
        assert answer.choices[0].message.content == "It is sunny."

    def test_a_tool_streamed(self, node: Node) -> None:
        node.plays(weather)
        whole: Any = litellm.stream_chunk_builder(list(self.ask(node, tools=[TOOL], stream=True)))
        assert whole.choices[0].finish_reason == "tool_calls"
        assert whole.choices[0].message.tool_calls[0].function.arguments == "".join(ARGUMENTS)

    def test_it_knows_a_prompt_that_is_too_long(self, node: Node) -> None:
        node.plays([ContextOverflow(9000, 4096)])
        with pytest.raises(ContextWindowExceededError):
            self.ask(node)

    def test_responses_and_embeddings(self, node: Node) -> None:
        node.plays(says("well"))
        where = {"api_base": node.url, "api_key": "none"}
        answer: Any = litellm.responses(model="openai/swarm", input="x", **where)
        assert answer.output[0].content[0].text == "well"
        embed: Any = litellm.embedding
        vectors = embed(model="openai/swarm", input=["abc"], encoding_format="float", **where)
        assert vectors.data[0]["embedding"] == [0.6, 0.8]


class TestPydanticAi:
    @pytest.fixture(params=[OpenAIChatModel, OpenAIResponsesModel])
    async def model(self, node: Node, request: pytest.FixtureRequest) -> AsyncIterator[Any]:
        async with openai.AsyncOpenAI(base_url=node.url, api_key="none", max_retries=0) as client:
            yield request.param("swarm", provider=OpenAIProvider(openai_client=client))

    async def test_a_tool(self, node: Node, model: Any) -> None:
        node.plays(weather)
        agent = pydantic_ai.Agent(model, tools=[get_weather])
        assert (await agent.run("What is the weather in Bonn?")).output == "It is sunny in Bonn."
        assert [message.role for message in node.member.asked[1].messages] == ["user", "assistant", "tool"]
        assert node.member.asked[1].messages[1].thinking == "hm"

    async def test_a_tool_streamed(self, node: Node, model: Any) -> None:
        node.plays(weather)
        agent = pydantic_ai.Agent(model, tools=[get_weather])
        async with agent.run_stream("What is the weather in Bonn?") as answer:
            assert [text async for text in answer.stream_text(delta=True, debounce_by=None)][-1] == "."
            assert await answer.get_output() == "It is sunny in Bonn."

    @pytest.mark.parametrize("form", [City, pydantic_ai.NativeOutput(City)])
    async def test_a_form(self, node: Node, model: Any, form: Any) -> None:
        node.plays(structured)
        agent: Any = pydantic_ai.Agent(model, output_type=form)
        assert (await agent.run("x")).output == City(name="Bonn", people=330000)
        (asked,) = node.member.asked
        assert asked.tool_choice.mode == "required" if asked.tools else asked.response_format is not None


class TestLangchain:
    @pytest.fixture(params=[False, True], ids=["chat", "responses"])
    def model(self, node: Node, request: pytest.FixtureRequest) -> Any:
        key: Any = "none"
        return langchain_openai.ChatOpenAI(
            model="swarm",
            base_url=node.url,
            api_key=key,
            max_retries=0,
            stream_usage=True,
            use_responses_api=request.param,
        )

    def test_a_tool(self, node: Node, model: Any) -> None:
        node.plays(weather)
        bound, asked = model.bind_tools([get_weather]), HumanMessage("What is the weather in Bonn?")
        said = bound.invoke([asked])
        (call,) = said.tool_calls
        assert (call["name"], call["args"]) == ("get_weather", {"city": "Bonn"})
        told = ToolMessage(get_weather(**call["args"]), tool_call_id=call["id"])
        assert bound.invoke([asked, said, told]).text == "It is sunny in Bonn."

    def test_a_tool_streamed(self, node: Node, model: Any) -> None:
        node.plays(weather)
        chunks = list(model.bind_tools([get_weather]).stream("What is the weather in Bonn?"))
        whole = chunks[0]
        for chunk in chunks[1:]:
            whole += chunk
        assert [call["args"] for call in whole.tool_calls] == [{"city": "Bonn"}]
        assert whole.usage_metadata["total_tokens"] == 9

    @pytest.mark.parametrize("method", ["json_schema", "function_calling"])
    def test_a_form(self, node: Node, model: Any, method: str) -> None:
        node.plays(structured)
        assert model.with_structured_output(City, method=method).invoke("x") == City(name="Bonn", people=330000)

    def test_embeddings(self, node: Node) -> None:
        key: Any = "none"
        # The check counts with a vocabulary that it would fetch.
        made = langchain_openai.OpenAIEmbeddings(
            model="swarm", base_url=node.url, api_key=key, check_embedding_ctx_length=False
        )
        assert made.embed_query("abc") == pytest.approx([0.6, 0.8])


class TestLlm:
    @pytest.fixture
    def model(self, node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
        monkeypatch.setenv("LLM_USER_PATH", str(tmp_path))
        chat: Any = Chat
        return chat("swarm", model_name="swarm", api_base=node.url, supports_tools=True, supports_schema=True)

    @pytest.mark.parametrize("stream", [False, True])
    def test_a_tool(self, node: Node, model: Any, stream: bool) -> None:
        node.plays(weather)
        tool: Any = llm.Tool
        chain = model.chain("What is the weather in Bonn?", tools=[tool.function(get_weather)], stream=stream, key="k")
        assert chain.text().endswith("It is sunny in Bonn.")

    @pytest.mark.parametrize("stream", [False, True])
    def test_a_form(self, node: Node, model: Any, stream: bool) -> None:
        node.plays(structured)
        assert City.model_validate_json(model.prompt("x", schema=City, stream=stream, key="k").text()).name == "Bonn"
        assert node.member.asked[0].response_format is not None
