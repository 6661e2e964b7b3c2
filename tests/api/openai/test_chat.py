"""Chat completions from the wire: honoured, refused by name, or ignored, but never something in between."""

from typing import Any

import pytest
from localswarm.api.openai.chat import from_wire, whole_to_wire
from localswarm.chat import (
    Candidate,
    Message,
    Reason,
    Text,
    Thinking,
    TokenLogprob,
    ToolCall,
    Usage,
)
from localswarm.errors import BadRequest, NotSupported

HELLO = [{"role": "user", "content": "hello"}]


def read(**fields: Any) -> Any:
    return from_wire({"messages": HELLO} | fields, "id")


def test_the_least_that_is_needed() -> None:
    call = read()
    assert call.request.model == "swarm"
    assert call.request.messages == (Message("user", (Text("hello"),)),)
    assert not call.stream and call.request.policy.choices == 1


def test_everything_that_is_honoured() -> None:
    call = read(
        model="m", n=3, stream=True, stream_options={"include_usage": True}, temperature=0, top_p=0.5, top_k=7,
        min_p=0.1, frequency_penalty=1, presence_penalty=-1, repeat_penalty=1.1, max_tokens=9, seed=5, stop="x",
        logit_bias={"17": -100}, logprobs=True, top_logprobs=4,
    )  # fmt: skip
    sampling = call.request.sampling
    assert (call.stream, call.include_usage, call.request.policy.choices) == (True, True, 3)
    assert (sampling.temperature, sampling.top_p, sampling.top_k, sampling.min_p) == (0, 0.5, 7, 0.1)
    assert (sampling.frequency_penalty, sampling.presence_penalty, sampling.repeat_penalty) == (1, -1, 1.1)
    assert (sampling.max_tokens, sampling.seed, sampling.stop) == (9, 5, ("x",))
    assert (sampling.logit_bias, sampling.logprobs) == (((17, -100.0),), 4)


def test_null_is_the_same_as_absent() -> None:
    names = "model n stream stream_options temperature max_tokens seed stop logit_bias logprobs tools response_format"
    assert read(**dict.fromkeys(names.split())) == read()


def test_unknown_fields_are_ignored() -> None:
    fields = {"metadata": {"a": "b"}, "service_tier": "auto", "zzz": [1]}
    assert read(**fields) == read()


def test_harmless_values_of_what_is_not_honoured_are_fine() -> None:
    assert read(tools=[], tool_choice="auto", response_format={"type": "text"}, modalities=["text"]) == read()


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"audio": {}}, "audio"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"web_search_options": {}}, "web_search_options"),
        ({"response_format": {"type": "grammar", "grammar": "x"}}, "response_format.type"),
        ({"tools": [{"type": "custom", "custom": {"name": "f"}}]}, "tools[0].type"),
        ({"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]}, "messages[0].content[0].type"),
        ({"messages": [{"role": "user", "content": [{"type": "file"}]}]}, "messages[0].content[0].type"),
        ({"messages": [{"role": "system", "content": [{"type": "image_url"}]}]}, "messages[0].content[0].type"),
    ],
)
def test_what_is_not_honoured_yet_is_refused_by_name(fields: dict[str, Any], name: str) -> None:
    with pytest.raises(NotSupported) as refused:
        read(**fields)
    assert refused.value.param == name
    assert name.split("[")[0] in refused.value.message


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"messages": None}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": "hello"}, "messages"),
        ({"messages": ["hello"]}, "messages[0]"),
        ({"messages": [{"content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "king", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": 5, "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": ["x"]}]}, "messages[0].content[0]"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages[0].content[0].text"),
        ({"model": 5}, "model"),
        ({"stream": "yes"}, "stream"),
        ({"stream_options": []}, "stream_options"),
        ({"n": 0}, "n"),
        ({"n": 1000}, "n"),
        ({"n": 1.5}, "n"),
        ({"n": True}, "n"),
        ({"temperature": "hot"}, "temperature"),
        ({"temperature": -1}, "temperature"),
        ({"temperature": 1e999}, "temperature"),
        ({"temperature": 10**400}, "temperature"),
        ({"temperature": True}, "temperature"),
        ({"top_p": 1.1}, "top_p"),
        ({"top_k": -1}, "top_k"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": -5}, "max_tokens"),
        ({"max_completion_tokens": "many"}, "max_completion_tokens"),
        ({"seed": "x"}, "seed"),
        ({"seed": 10**30}, "seed"),
        ({"stop": 5}, "stop"),
        ({"stop": [""]}, "stop"),
        ({"stop": ["a"] * 17}, "stop"),
        ({"logit_bias": {"word": 1}}, "logit_bias"),
        ({"logit_bias": {"5": "x"}}, "logit_bias.5"),
        ({"logit_bias": [1]}, "logit_bias"),
        ({"logprobs": 3}, "logprobs"),
        ({"logprobs": True, "top_logprobs": 50}, "top_logprobs"),
        ({"top_logprobs": 3}, "top_logprobs"),
        ({"parallel_tool_calls": "yes"}, "parallel_tool_calls"),
        ({"user": 5}, "user"),
        ({"prompt_cache_key": []}, "prompt_cache_key"),
        ({"continue_final_message": True}, "messages"),
        ({"continue_final_message": 1}, "continue_final_message"),
    ],
)
def test_a_wrong_type_or_value_is_an_error_that_names_the_field(fields: dict[str, Any], name: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read(**fields)
    assert refused.value.param == name
    assert name in refused.value.message


def test_the_newer_name_of_max_tokens_wins_and_a_wish_is_never_refused() -> None:
    assert read(max_tokens=5, max_completion_tokens=7).request.sampling.max_tokens == 7
    assert read(max_tokens=10**12).request.sampling.max_tokens == 10**12


def test_developer_is_system_and_parts_are_one_text() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    call = read(messages=[{"role": "developer", "content": parts}, {"role": "assistant", "content": None}])
    assert [(m.role, m.text) for m in call.request.messages] == [("system", "ab"), ("assistant", "")]


def test_the_session_is_the_closest_name_that_the_client_gives() -> None:
    def session(affinity: str = "", **fields: Any) -> str:
        return from_wire({"messages": HELLO} | fields, "id", affinity).request.session

    assert session() == ""
    assert session(user="u") == "u"
    assert session("h", user="u") == "h"
    assert session("h", user="u", prompt_cache_key="k") == "k"


@pytest.mark.parametrize(
    ("fields", "continued"),
    [({}, False), ({"continue_final_message": True}, True), ({"continue_final_message": False}, False)],
)
def test_an_answer_is_continued_only_on_request(fields: dict[str, Any], continued: bool) -> None:
    begun = [*HELLO, {"role": "assistant", "content": "well"}]
    assert read(messages=begun, **fields).request.continue_last is continued


def test_an_answer_is_continued_where_its_message_says_so() -> None:
    assert read(messages=[*HELLO, {"role": "assistant", "content": "well", "prefix": True}]).request.continue_last


CALLED = (ToolCall("c1", "f", '{"a":1}'), ToolCall("c2", "g", "{}"))


def whole(message: Message, reason: Reason = "stop", **fields: Any) -> dict[str, Any]:
    candidate = Candidate("m", message, reason, Usage(7, 5, 3, 2), (TokenLogprob(b"a", -0.5),))
    return whole_to_wire(read(**fields), {"swarm": {"warnings": ["w"]}}, [candidate])


def test_a_whole_answer() -> None:
    wire = whole(Message("assistant", (Thinking("hm"), Text("yes"))))
    assert wire["choices"] == [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "yes", "reasoning_content": "hm"},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ]
    assert wire["usage"]["total_tokens"] == 12
    assert wire["usage"]["prompt_tokens_details"] == {"cached_tokens": 3}
    assert wire["usage"]["completion_tokens_details"] == {"reasoning_tokens": 2}
    assert (wire["object"], wire["id"], wire["model"]) == ("chat.completion", "id", "swarm")
    assert wire["swarm"] == {"warnings": ["w"]}


def test_whole_calls_come_with_content_null() -> None:
    choice = whole(Message("assistant", CALLED), "tool_calls")["choices"][0]
    assert choice["finish_reason"] == "tool_calls" and choice["message"]["content"] is None
    assert choice["message"]["tool_calls"] == [
        {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}},
        {"id": "c2", "type": "function", "function": {"name": "g", "arguments": "{}"}},
    ]


def test_functions_are_answered_in_their_older_form() -> None:
    choice = whole(Message("assistant", CALLED[:1]), "tool_calls", functions=[{"name": "f"}])["choices"][0]
    assert choice["finish_reason"] == "function_call"
    assert choice["message"]["function_call"] == {"name": "f", "arguments": '{"a":1}'}
    assert "tool_calls" not in choice["message"]


def test_logprobs_only_where_they_were_asked_for() -> None:
    choice = whole(Message("assistant", (Text("a"),)), logprobs=True)["choices"][0]
    assert choice["logprobs"] == {"content": [{"token": "a", "logprob": -0.5, "bytes": [97], "top_logprobs": []}]}
