"""`chat`: at a terminal and without one."""

import json
import re
import subprocess
import sys
import time

import pytest
from localswarm.cli.chat import Talk, visible
from localswarm.cli.client import Client, NodeFailed

from ..running import MAIN, RunningNode
from .command import answering, environment, run, sentence
from .terminal import Terminal

PROMPT = r"> "


def stream(*texts: str) -> bytes:
    pieces = "".join(f'data: {{"choices": [{{"delta": {{"content": "{text}"}}}}]}}\n\n' for text in texts)
    return (pieces + "data: [DONE]\n\n").encode()


def at_terminal(node: RunningNode, *words: str) -> Terminal:
    return Terminal([sys.executable, str(MAIN), "chat", "--url", node.base, *words])


def test_a_question_from_stdin(node: RunningNode) -> None:
    said = run("chat", "--url", node.base, "--max-tokens", "8", given="What is 2 + 2?\n")
    assert said.returncode == 0 and said.stdout.strip() and said.stderr == ""


def test_a_question_on_the_command_line(node: RunningNode) -> None:
    assert run("chat", "Hello", "--url", node.base, "--max-tokens", "8").stdout.strip()


def test_nothing_to_ask(node: RunningNode) -> None:
    assert "There is no question" in sentence(run("chat", "--url", node.base, given="\n"))


def test_no_node() -> None:
    assert "Start one with: python main.py --auto" in sentence(run("chat", "Hello", "--port", "1"))


def test_a_conversation(node: RunningNode) -> None:
    with at_terminal(node, "--max-tokens", "8") as terminal:
        assert "smollm2:135m" in terminal.until(PROMPT)
        terminal.type("Hello\n")
        assert re.search(r"Hello\r\n.*\w", terminal.until(PROMPT), re.DOTALL)
        for line, answer in (("/help", "Ctrl-C"), ("/hlep", "Did you mean /help"), ("/new", "forgotten"), ("", "")):
            terminal.type(f"{line}\n")
            assert answer in terminal.until(PROMPT)
        terminal.type("/exit\n")
        assert terminal.ended() == 0


def test_ctrl_c_stops_the_answer_and_twice_leaves(node: RunningNode) -> None:
    with at_terminal(node) as terminal:
        terminal.until(PROMPT)
        terminal.type("Write a very long story about a river.\n")
        terminal.until(r"story about a river\.\r\n.*\w")
        begun = time.monotonic()
        terminal.type("\x03")
        assert "(stopped)" in terminal.until(PROMPT)
        assert time.monotonic() - begun < 2
        assert node.wait_idle()["running"] == 0
        terminal.type("\x03")
        assert terminal.ended() == 0


def test_ctrl_c_at_the_prompt_and_ctrl_d(node: RunningNode) -> None:
    with at_terminal(node) as terminal:
        terminal.until(PROMPT)
        terminal.type("half a quest")
        terminal.until("quest")
        terminal.type("\x03")
        assert "Ctrl-C again leaves" in terminal.until(PROMPT)
        terminal.type("/new\n")
        terminal.until("forgotten")
        terminal.until(PROMPT)
        terminal.type("\x03")
        assert "Ctrl-C again leaves" in terminal.until(PROMPT)
        terminal.type("\x04")
        assert terminal.ended() == 0


def test_an_answer_goes_to_a_pipe_as_it_is_written(node: RunningNode) -> None:
    command = [sys.executable, str(MAIN), "chat", "Write a long story.", "--url", node.base]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment())
    assert process.stdout and process.stdout.read(1)
    process.stdout.close()  # whoever has seen enough leaves; the node stops writing
    assert process.wait(timeout=10) == 1
    node.wait_idle()


VERDICT = {
    "kind": "short", "method": "vote", "requested": 3, "valid": 3, "agreement": 0.667, "confidence": None, "winner": 1,
    "early_stop": True, "warnings": [], "ballots": [{}, {"seat": "ot\x07ter", "model": "small"}, {}],
}  # fmt: skip
LINE = "chosen by vote: a short answer by otter (small), 3 of 3 valid, 67% agree, decided early"


def chosen() -> bytes:
    end = {"choices": [{"delta": {}, "finish_reason": "stop"}], "swarm": VERDICT}
    return stream("42").replace(b"data: [DONE]", f"data: {json.dumps(end)}\n\ndata: [DONE]".encode())


@pytest.mark.parametrize(("words", "said"), [((), ""), (("--verbose",), LINE)])
def test_how_an_answer_was_chosen_is_said_when_asked(words: tuple[str, ...], said: str) -> None:
    with answering({"/v1/chat/completions": (200, chosen())}) as (url, _):
        ended = run("chat", "6 times 7?", "--url", url, *words)
    assert (ended.stdout, ended.stderr.strip()) == ("42\n", said)


def test_how_an_answer_was_chosen_in_a_conversation() -> None:
    answers = {"/v1/chat/completions": (200, chosen()), "/v1/models": (200, b'{"data": [{"id": "small"}]}')}
    with (
        answering(answers) as (url, _),
        Terminal([sys.executable, str(MAIN), "chat", "--url", url]) as terminal,
    ):
        terminal.until(PROMPT)
        for line, says_it in (("first", False), ("/how", None), ("second", True), ("/how", None), ("third", False)):
            terminal.type(f"{line}\n")
            said = terminal.until(PROMPT)
            assert says_it is None or (LINE in said) == says_it, said
        terminal.type("/exit\n")
        assert terminal.ended() == 0


def test_each_turn_holds_the_ones_before() -> None:
    with answering({"/v1/chat/completions": (200, stream("a", "b"))}) as (url, seen):
        talk = Talk(Client(url), "be brief", 5)
        assert [list(talk.ask("1")), list(talk.ask("2"))] == [["a", "b"], ["a", "b"]]
        talk.forget()
        list(talk.ask("3"))
    asked = [[message["content"] for message in body["messages"]] for _, body in seen]
    assert asked == [["be brief", "1"], ["be brief", "1", "ab", "2"], ["be brief", "3"]]
    assert seen[0][1]["max_tokens"] == 5


def test_a_stopped_answer_counts_as_far_as_it_came() -> None:
    with answering({"/v1/chat/completions": (200, stream("a", "b"))}) as (url, seen):
        talk = Talk(Client(url), None, None)
        answer = talk.ask("1")
        next(answer)
        answer.close()
        list(talk.ask("2"))
    assert [message["content"] for message in seen[1][1]["messages"]] == ["1", "a", "2"]


def test_a_failed_question_counts_as_not_asked() -> None:
    refusal = (400, b'{"error": {"message": "too long"}}')
    with answering({"/v1/chat/completions": refusal}) as (url, seen):
        talk = Talk(Client(url), None, None)
        for _ in range(2):
            with pytest.raises(NodeFailed, match="too long"):
                list(talk.ask("1"))
    assert len(seen[1][1]["messages"]) == 1


def test_what_a_model_writes_does_not_steer_the_terminal() -> None:
    assert visible("a\x1b[2J\x07\r\x9bé\n\t👩\u200d🚀") == "a[2Jé\n\t👩\u200d🚀"
