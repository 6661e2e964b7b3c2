"""LiteLLM's router with the configuration that we print, and LiteLLM's proxy as a server beside a node."""

import json
import os
from collections.abc import Iterator

import httpx
import pytest
from localswarm.chat import ToolSpec
from localswarm.errors import ContextOverflow

from ...api.serving import served
from ...cli.command import run
from ...swarm.scripted import ScriptedMember, calls, says
from ...swarm.upstream.standing import swarm_of, watched
from .proxy import Proxy, proxy

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
litellm = pytest.importorskip("litellm")

QUESTION = [{"role": "user", "content": "Hi"}]
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(240)]


def member() -> ScriptedMember:
    return ScriptedMember(lambda asked: calls("f", '{"a"', ": 1}") if asked.tools else says("Hel", "lo"))


def configuration(url: str, key: str = "") -> str:
    said = run("litellm-config", "--url", url, LOCALSWARM_API_KEY=key)
    assert said.returncode == 0, said.stderr
    return said.stdout


async def test_its_router_leads_to_us() -> None:
    with served(member(), key="hush") as url:
        os.environ["LOCALSWARM_API_KEY"] = "hush"
        try:
            listed = [json.loads(line[4:]) for line in configuration(url, "hush").splitlines()[1:]]
            names = {one["model_name"] for one in listed}
            assert names == {"swarm", "swarm:fast", "swarm:vote", "scripted"} and "hush" not in str(listed)
            router = litellm.Router(model_list=listed, num_retries=0)
            whole = await router.acompletion("scripted", QUESTION)
            assert whole.choices[0].message.content == "Hello" and whole.usage.prompt_tokens == 5
            parts = [part async for part in await router.acompletion("swarm", QUESTION, stream=True)]
            assert "".join(part.choices[0].delta.content or "" for part in parts) == "Hello"
            called = await router.acompletion("scripted", QUESTION, tools=[TOOL])
            (call,) = called.choices[0].message.tool_calls
            assert call.function.name == "f" and json.loads(call.function.arguments) == {"a": 1}
            info = router.get_router_model_info(
                deployment=listed[1], received_model_name="scripted", id=router.get_model_list()[1]["model_info"]["id"]
            )
            assert info["max_input_tokens"] == 4096
        finally:
            del os.environ["LOCALSWARM_API_KEY"]


@pytest.fixture(scope="module")
def fronted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """LiteLLM's proxy in front of a node, as `litellm --config` takes what we print."""
    pytest.importorskip("fastapi_sso", reason="the proxy needs litellm[proxy]")

    def script(asked: object) -> object:
        text = asked.messages[-1].text  # type: ignore[attr-defined]
        return [ContextOverflow(9000, 4096)] if text == "long" else member().script(asked)  # type: ignore[arg-type]

    with served(ScriptedMember(script)) as url:  # type: ignore[arg-type]
        with proxy(configuration(url), tmp_path_factory.mktemp("litellm")) as running:
            yield running


def test_its_proxy_leads_to_us(fronted: Proxy) -> None:
    body = {"model": "scripted", "messages": QUESTION}
    reply = httpx.post(f"{fronted.url}/chat/completions", json=body, timeout=60).json()
    assert reply["choices"][0]["message"]["content"] == "Hello"
    with httpx.stream("POST", f"{fronted.url}/chat/completions", json=body | {"stream": True}, timeout=60) as response:
        assert any('"content":"Hel"' in line for line in response.iter_lines())


async def test_its_proxy_is_a_server_beside_us(fronted: Proxy) -> None:
    async with watched(fronted.url) as server:
        asker = swarm_of([], server)
        assert {one.id for one in asker.swarm.models()} >= {"scripted"}
        found = asker.swarm.find("scripted")
        assert found.context == 4096 and not found.local
        (candidate,) = await asker.ask("scripted")
        assert candidate.message.text == "Hello" and candidate.reason == "stop" and candidate.usage.completion
        (candidate,) = await asker.ask("scripted", tools=(ToolSpec("f", "", {"type": "object"}),))
        (call,) = candidate.message.calls
        assert call.name == "f" and json.loads(call.arguments) == {"a": 1} and candidate.reason == "tool_calls"
        with pytest.raises(ContextOverflow, match="4096 tokens") as caught:
            await asker.ask("scripted", "long")
        assert caught.value.prompt_tokens == 9000
