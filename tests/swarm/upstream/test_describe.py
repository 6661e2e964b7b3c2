"""What servers tell of their models, in the shapes that they document."""

from typing import Any

import anyio
import pytest
from localswarm.errors import Unavailable, UpstreamFault
from localswarm.swarm.routing import is_whole
from localswarm.swarm.upstream import asking, breaker, describe, server
from localswarm.swarm.upstream.describe import ASSUMED_CONTEXT, listed

from .standing import HELLO, LISTED, StandIn, refuses, streams, swarm_of, until, watched


async def found(stand_in: StandIn) -> dict[str, Any]:
    async with stand_in.running(), watched(stand_in.url) as looked:
        return {one.id: one for one in swarm_of([], looked).swarm.models() if not is_whole(one.id)}


def models(*names: str, owner: str = "") -> dict[str, Any]:
    return {"object": "list", "data": [{"id": name, "object": "model", "owned_by": owner} for name in names]}


async def test_vllm() -> None:
    big = (await found(StandIn(listed=LISTED)))["big"]
    assert (big.context, big.local, big.details.calls, big.details.embeds) == (4096, False, True, False)
    assert "http://127.0.0.1" in big.notes[0]


def test_a_context_that_no_model_has() -> None:
    (told,) = listed(models("a:1b"))
    assert describe.with_ollama(told, {"parameters": f"num_ctx {'9' * 5000}"}, {}).context == describe.OLLAMA_CONTEXT


async def test_a_name_that_tells_an_endless_size() -> None:
    name = f"x:{'9' * 400}b"
    assert (await found(StandIn(listed=models(name))))[name].details.parameters == 0


async def test_llama_cpp() -> None:
    entry = {"id": "/m/Qwen3-8B.gguf", "owned_by": "llamacpp"}
    meta = {"n_ctx": 16384, "n_ctx_train": 40960, "n_params": 8_190_000_000, "size": 5_000_000_000, "ftype": "Q4_K_M"}
    stand_in = StandIn(listed={"data": [entry | {"meta": meta}]})
    caps = {"supports_tools": True, "supports_tool_calls": True}
    stand_in.more["/props"] = {
        "default_generation_settings": {"n_ctx": 4096}, "total_slots": 4, "modalities": {"vision": True},
        "chat_template": "{{ m }}", "chat_template_caps": caps}  # fmt: skip
    (served,) = (await found(stand_in)).values()
    assert (served.id, served.context, served.trained_context, served.seats) == ("Qwen3-8B", 4096, 40960, 4)
    details = served.details
    assert details.sees and details.calls and details.parameters == 8_190_000_000 and details.quant == "Q4_K_M"
    caps.update(supports_tools=False, supports_tool_calls=False)
    (served,) = (await found(stand_in)).values()
    assert not served.details.calls


async def test_ollama() -> None:
    stand_in = StandIn(listed=models("qwen3:8b", "nomic-embed-text:latest", owner="library"))
    stand_in.more["/api/ps"] = {"models": [{"name": "qwen3:8b", "context_length": 8192}]}
    stand_in.more["/api/show"] = {
        "details": {"family": "qwen3", "quantization_level": "Q4_K_M"}, "parameters": "num_ctx    16384\ntop_k 20",
        "model_info": {"qwen3.context_length": 40960, "general.parameter_count": 8_190_735_360},
        "capabilities": ["completion", "tools", "thinking"]}  # fmt: skip
    served = await found(stand_in)
    assert (served["qwen3:8b"].context, served["qwen3:8b"].trained_context) == (8192, 40960)
    assert served["nomic-embed-text:latest"].context == 16384
    details = served["qwen3:8b"].details
    assert details.thinks and details.calls and not details.sees and details.parameters == 8_190_735_360
    stand_in.more["/api/show"] = {"model_info": {"a.context_length": 2048}, "capabilities": ["embedding"]}
    del stand_in.more["/api/ps"]
    served = await found(stand_in)
    assert served["qwen3:8b"].context == 2048 and "Ollama" in served["qwen3:8b"].notes[1]
    assert not served["qwen3:8b"].details.chats and served["qwen3:8b"].details.embeds


@pytest.mark.parametrize(
    ("route", "entries"),
    [
        ("/api/v1/models", {"models": [
            {"key": "gemma-3-4b", "type": "llm", "max_context_length": 131072, "params_string": "4B",
             "loaded_instances": [{"id": "gemma-3-4b", "config": {"context_length": 8192}}],
             "capabilities": {"vision": True, "trained_for_tool_use": True}},
            {"key": "nomic", "type": "embedding", "max_context_length": 2048, "loaded_instances": []}]}),
        ("/api/v0/models", {"data": [
            {"id": "gemma-3-4b", "type": "vlm", "max_context_length": 131072, "loaded_context_length": 8192},
            {"id": "nomic", "type": "embeddings", "max_context_length": 2048}]}),
    ],
)  # fmt: skip
async def test_lm_studio(route: str, entries: dict[str, Any]) -> None:
    stand_in = StandIn(listed=models("gemma-3-4b", "nomic", owner="organization_owner"))
    stand_in.more[route] = entries
    served = await found(stand_in)
    gemma, nomic = served["gemma-3-4b"], served["nomic"]
    assert (gemma.context, gemma.trained_context, gemma.details.sees) == (8192, 131072, True)
    assert gemma.details.parameters == 4 * 10**9 and nomic.details.embeds and not nomic.details.chats


async def test_litellm() -> None:
    stand_in = StandIn(listed=models("gpt", owner="openai"))
    info = {"max_input_tokens": 128000, "supports_vision": True, "mode": "chat"}
    stand_in.more["/v1/model/info"] = {"data": [{"model_name": "gpt", "model_info": info}]}
    gpt = (await found(stand_in))["gpt"]
    assert gpt.context == 128000 and gpt.details.sees and gpt.details.chats


async def test_one_that_tells_nothing() -> None:
    served = (await found(StandIn(listed=models("Some-7B-Instruct"))))["Some-7B-Instruct"]
    assert served.context == ASSUMED_CONTEXT and str(ASSUMED_CONTEXT) in served.notes[-1]
    assert served.details.parameters == 7 * 10**9


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("qwen2.5-coder:7b", 7e9),
        ("Qwen/Qwen3-30B-A3B", 30e9),
        ("SmolLM2-135M", 135e6),
        ("gpt-4", 0),
        ("mixtral_0.5b", 5e8),
    ],
)
def test_the_size_that_a_name_tells(name: str, parameters: float) -> None:
    assert listed(models(name))[0].details.parameters == parameters


@pytest.mark.parametrize(
    "body",
    [
        None, 7, "x", [], {}, {"data": None}, {"data": 3}, {"data": [None, 3, {}]}, {"models": "x"},
        {"data": [{"id": 7}, {"id": "a", "meta": 3, "max_model_len": "x", "created": [], "architecture": 1}]},
    ],
)  # fmt: skip
def test_nonsense_is_no_model(body: object) -> None:
    assert [one.name for one in listed(body)] in ([], ["a"])
    for one in listed(models("a")):
        for odd in (
            body,
            {"models": [body]},
            {"data": [{"key": "a", "id": "a", "model_name": "a", "model_info": body}]},
        ):
            some = odd if isinstance(odd, dict) else {}
            for described in (describe.with_lmstudio(one, odd), describe.with_litellm(one, odd)):
                assert described.name == "a"
            assert describe.with_props(one, some).name == describe.with_ollama(one, some, odd).name == "a"


async def test_another_node_serves_what_is_its_own() -> None:
    entries = [
        {"id": "swarm", "owned_by": "local-swarm", "context_length": 9, "local": True},
        {"id": "own", "owned_by": "local-swarm", "context_length": 4096, "local": True, "seats": 3},
        {"id": "lent", "owned_by": "local-swarm", "context_length": 4096, "local": False},
    ]
    stand_in = StandIn(streams(*HELLO), listed={"data": entries})
    async with stand_in.running(), watched(stand_in.url) as looked:
        asker = swarm_of([], looked)
        assert {(one.id, one.seats) for one in asker.swarm.models() if not is_whole(one.id)} == {("own", 3)}
        await asker.ask("own", session="s")
        assert stand_in.asked[0]["swarm"] == {"local_only": True} and stand_in.asked[0]["prompt_cache_key"] == "s"


@pytest.mark.parametrize("name", ["swarm", "Swarm:Fast", "swarm:latest"])
async def test_a_model_whose_name_means_the_whole_swarm_here(name: str) -> None:
    """It gets one of its own, under which it is found; the swarm's stays what it is."""
    stand_in = StandIn(streams(*HELLO), listed=models(name, "other"))
    async with stand_in.running(), watched(stand_in.url) as looked:
        asker = swarm_of([], looked)
        ids = [one.id for one in asker.swarm.models()]
        (own,) = [one for one in ids if "@" in one]
        assert own.startswith(f"{name}@127.0.0.1:") and len(ids) == len(set(map(str.lower, ids)))
        await asker.ask(own)
        assert stand_in.asked[0]["model"] == name


@pytest.mark.parametrize("status", [401, 503])
async def test_itself_is_named_before_anything_else(status: int) -> None:
    async with StandIn().running() as stand_in:
        stand_in.status, stand_in.node = status, "me"
        async with watched(stand_in.url, node="me") as looked:
            assert "is this node itself" in looked.note()
        async with watched(stand_in.url, node="you") as looked:
            assert "itself" not in looked.note()


async def test_an_address_that_is_wrong() -> None:
    async with StandIn().running() as stand_in, watched(stand_in.url + "/more") as looked:
        assert "no list of models" in looked.note() and "/v1" in looked.note() and not looked.members()
    async with StandIn(listed=models()).running() as stand_in, watched(stand_in.url) as looked:
        assert "has no models" in looked.note()
    async with watched("http://127.0.0.1:9/v1") as looked:
        assert looked.note() == "The server at http://127.0.0.1:9/v1 does not answer (Connection refused)."
    async with watched("http://no-such-host.invalid/v1") as looked:
        assert "its name is not known" in looked.note()


async def test_it_goes_away_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("LOOK_SECONDS", 0.05), ("FIRST_PAUSE", 0.05), ("LONGEST_PAUSE", 0.05)):
        monkeypatch.setattr(server, name, value)
    stand_in = StandIn()
    async with stand_in.running():
        port = int(stand_in.url.split(":")[2].removesuffix("/v1"))
        context = watched(stand_in.url)
        looked = await context.__aenter__()
        asker = swarm_of([], looked)
        assert (await asker.ask())[0].message.text == "Hello"
    try:
        await until(lambda: "does not answer" in looked.note())
        await anyio.sleep(0.2)
        with pytest.raises(Unavailable, match="does not answer"):
            await asker.ask()
        async with stand_in.running(port):
            await until(lambda: "serves big" in looked.note())
            assert (await asker.ask())[0].message.text == "Hello"
    finally:
        await context.__aexit__(None, None, None)


async def test_a_model_that_fails_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three requests fail, the fourth is not sent; then one is tried, and closes the circuit."""
    monkeypatch.setattr(asking, "TRIES", 1)
    monkeypatch.setattr(breaker, "FIRST_PAUSE", 0.3)
    stand_in = StandIn(*[refuses("boom", 500)] * 3, streams(*HELLO))
    async with stand_in.running(), watched(stand_in.url) as looked:
        asker = swarm_of([], looked)
        for _ in range(3):
            with pytest.raises(UpstreamFault):
                await asker.ask()
        with pytest.raises(Unavailable, match="asked again in"):
            await asker.ask()
        assert len(stand_in.asked) == 3
        await anyio.sleep(0.35)
        for _ in range(2):
            assert (await asker.ask())[0].message.text == "Hello"
