"""Two whole nodes with the real model; one of them is killed in the middle of an answer."""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from localswarm.federation import identity
from localswarm.federation.code import Code

from .asking import PORT, Asked, body
from .netlab import Host, Lab, kill
from .netlab.host import Command
from .netlab.lab import ROOT
from .netlab.namespaces import inside
from .netlab.processes import Process
from .watched import until

MODEL, LENGTH = "smollm2:135m:q4_1", 300
PROMPT = "Tell a long story of a lighthouse keeper and his cat."
API = f"http://127.0.0.1:{PORT}/v1"

JSON = "content-type: application/json"
SEATS = 2
# On the node itself that is asked.
LONG = json.dumps(
    {
        "model": MODEL,
        "messages": [{"role": "user", "content": "Count."}],
        "max_tokens": 800,
        "ignore_eos": True,
        "swarm": {"local_only": True},
    }
)


def start(host: Host, folder: Path, code: Code) -> Process:
    folder.mkdir(mode=0o700)
    identity.keep_code(folder, code)
    words = [
        "--model",
        MODEL,
        "--offline",
        "--context",
        "1024",
        "--threads",
        "1",
        "--instances",
        str(SEATS),
        "--state-dir",
        str(folder),
    ]
    # What a test says of federation is for nodes that are alone.
    environment = {**os.environ, "LOCALSWARM_FEDERATION": "true"}
    with (folder / "said").open("w") as said:
        command = [sys.executable, "-m", "localswarm.cli", *words]
        return host.popen(command, cwd=ROOT, env=environment, stdout=said, stderr=said)


def fetched(host: Host, *words: str) -> Any:
    command: Command = ["curl", "-s", "-m", "90", *words]
    text = host.run(command, timeout=100, check=False).stdout
    return json.loads(text) if text else {}


def neighbours(host: Host) -> list[str]:
    return [peer["state"] for peer in fetched(host, f"{API}/federation/health").get("peers", ()) if peer["model"]]


def running(host: Host) -> int:
    load: dict[str, int] = fetched(host, f"{API}/federation/health")["node"]["load"]
    return load["running"] + load["waiting"]


def unbroken(host: Host) -> str:
    asked = json.dumps(body(PROMPT, LENGTH, MODEL))
    answer = fetched(host, f"{API}/chat/completions", "-H", JSON, "-d", asked)
    text: str = answer["choices"][0]["message"]["content"]
    return text


def test_a_real_node_is_killed_in_the_middle_of_an_answer(tmp_path: Path) -> None:
    code = Code.new()
    with Lab(2, seed=1) as lab:
        here, there = lab["h1"], lab["h2"]
        nodes = {host.name: start(host, tmp_path / host.name, code) for host in (here, there)}
        assert until(lambda: neighbours(here) == neighbours(there) == ["alive"], 90), _said(tmp_path)
        wanted = unbroken(there)
        # Who has no free seat has the other one answer.
        busy = [
            here.popen(f"exec curl -s {API}/chat/completions -H '{JSON}' -d '{LONG}' >/dev/null") for _ in range(SEATS)
        ]
        assert until(lambda: running(here) == SEATS)
        asked = Asked(here, PROMPT, LENGTH, MODEL, real=True)
        assert until(lambda: asked.written > 40), _said(tmp_path)
        os.kill(nodes[there.name].pid, signal.SIGKILL)
        seam = asked.written
        assert asked.ended is None, "it was written before its writer died"
        for one in busy:
            kill(one)
        asked.wait()
        assert (asked.end, asked.wrong) == ("whole", ""), _said(tmp_path)
        text = asked.heard.text
        # Tokens that are read together come out a little otherwise than one by one, so in the end words may differ.
        assert text[: seam + 20] == wanted[: seam + 20] and len(text) > seam + 100
        assert until(lambda: "alive" not in neighbours(here))
        assert until(lambda: not running(here))
        assert until(lambda: not inside({there.namespace})), "its engine lives on"


def _said(folder: Path) -> str:
    return "\n".join(file.read_text()[-1500:] for file in folder.glob("*/said"))
