"""A node whose model runs in vLLM, for which something stands in, among other nodes."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from localswarm.federation import identity

from ..node.vllm.standing import install
from .asking import Asked
from .netlab import Host, Lab, kill
from .netlab.lab import ROOT
from .netlab.processes import Process
from .stubs import STARTED_SECONDS, Stubs
from .watched import until

NAME = "Qwen/Qwen3-8B"


@contextmanager
def vllm_node(host: Host, folder: Path, path: Path) -> Iterator[Process]:
    command = [sys.executable, "-m", "localswarm.cli", "--engine", "vllm", "--model", NAME, "--force", "--offline"]
    env = {**os.environ, "LOCALSWARM_FEDERATION": "true", "PATH": f"{path}{os.pathsep}{os.environ['PATH']}"}
    with open(folder / "out", "wb") as out:
        process = host.popen([*command, "--state-dir", str(folder)], cwd=ROOT, env=env, stdout=out, stderr=out)
        try:
            yield process
        finally:
            kill(process)


def test_its_model_is_asked_by_others_and_missed_while_it_is_away(tmp_path: Path) -> None:
    install(tmp_path / "bin")
    with Lab(2, seed=1) as lab:
        stubs = Stubs(lab, tmp_path)
        stubs.start("h1")
        state = tmp_path / "h2"
        state.mkdir(mode=0o700)
        identity.keep_code(state, stubs.code)
        with vllm_node(lab["h2"], state, tmp_path / "bin") as process:
            assert until(lambda: stubs["h1"].asked, STARTED_SECONDS), state.joinpath("out").read_text()
            asked = Asked(lab["h1"], "Hi", model=NAME, real=True).wait()
            assert (asked.end, asked.wrong, asked.heard.text) == ("whole", "", "You said Hi ")
            # Its server dies: others see that, and ask it again when it is back.
            for server in servers(process):
                server.kill()
            assert until(lambda: not stubs["h1"].asked, 10), stubs.story()
            assert stubs["h1"].peers == {next(iter(stubs["h1"].peers)): "alive"}, "the node itself is there"
            assert Asked(lab["h1"], "Hi", model=NAME, real=True).wait().end == "error"
            assert until(lambda: stubs["h1"].asked, STARTED_SECONDS), state.joinpath("out").read_text()
            again = Asked(lab["h1"], "Hi", model=NAME, real=True).wait()
            assert (again.end, again.heard.text) == ("whole", "You said Hi ")


def servers(node: Process) -> list[psutil.Process]:
    found = psutil.Process(node.pid).children(recursive=True)
    return [one for one in found if any("vllm" in word for word in one.cmdline()[:2])]
