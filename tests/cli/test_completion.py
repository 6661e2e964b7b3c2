"""`completion`: the scripts in real shells, as far as this machine has them."""

import shutil
import subprocess
from pathlib import Path

import pytest
from localswarm.cli.commands import COMMANDS
from localswarm.cli.completion import SHELLS, grammar
from localswarm.cli.shells import bash
from localswarm.settings import OPTIONS

from ..running import MAIN
from .command import environment, run

ROOT = MAIN.parent


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("completion") / "script.bash"
    file.write_text(run("completion", "bash").stdout)
    return file


def offers(script: Path, *words: str, cwd: Path = ROOT) -> list[str]:
    """What bash offers for the last of these words."""
    function = "_localswarm_python" if words[0] == "python" else "_localswarm_alone"
    asked = (
        f'source "{script}"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); {function}; printf "%s\\n" "${{COMPREPLY[@]}}"'
    )
    said = subprocess.run(["bash", "-c", asked, "bash", *words], capture_output=True, text=True, cwd=cwd, check=True)
    assert said.stderr == ""
    return sorted(filter(None, said.stdout.split("\n")))


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["localswarm", "st"], ["status"]),
        (["localswarm", "--port", "5", "st"], ["status"]),
        (["localswarm", "--use", "c"], ["chat", "coding"]),
        (["localswarm", "--use", "=", "co"], ["coding"]),
        (["localswarm", "--use", "="], ["chat", "coding"]),
        (["localswarm", "--use", "chat", "sta"], ["status"]),
        (["localswarm", "--use", "=", "chat", "sta"], ["status"]),
        (["localswarm", "status", "--j"], ["--json"]),
        (["localswarm", "status", "--kv"], []),
        (["localswarm", "completion", "f"], ["fish"]),
        (["localswarm", "chat", "sta"], []),
        (["localswarm", "launch", "cl"], ["claude", "cline"]),
        (["localswarm", "--port", ""], []),
        (["localswarm", "--config", "pypro"], ["pyproject.toml"]),
        (["localswarm", "--state-dir", "sr"], ["src"]),
        (["localswarm", "--state-dir", "pypro"], []),
        (["python", "main.py", "smo"], ["smoke"]),
        (["python", "./main.py", "bench", "--rou"], ["--rounds"]),
        (["python", str(MAIN), "--kv", "q"], ["q4_0", "q8_0"]),
        (["python", "mai"], []),
        (["python", "other.py", "sta"], []),
    ],
)
def test_bash(script: Path, words: list[str], offered: list[str]) -> None:
    assert offers(script, *words) == offered


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash")
def test_bash_beside_another_main_py_and_odd_names(script: Path, tmp_path: Path) -> None:
    tmp_path.joinpath("main.py").touch()
    tmp_path.joinpath("a b.toml").touch()
    assert offers(script, "python", "main.py", "sta", cwd=tmp_path) == []
    assert offers(script, "localswarm", "--config", "a", cwd=tmp_path) == ["a b.toml"]


def test_everything_is_offered() -> None:
    found = grammar()
    assert [verb.name for verb in found.verbs] == [command.name for command in COMMANDS]
    flags = {name for flag in found.plain.flags for name in flag.names}
    assert {option.shown_flag for option in OPTIONS if option.has_flag} < flags and "--version" in flags
    assert {name for name in flags if name.startswith("--no-")} == {"--no-federation"}
    for write in SHELLS.values():
        text = write(found)
        assert all(command.name in text for command in COMMANDS)
        assert "--config" in text or "-l config" in text


@pytest.mark.parametrize(("shell", "flags"), [("zsh", ["-n"]), ("fish", ["--no-execute"])])
def test_other_shells_understand_their_scripts(shell: str, flags: list[str], tmp_path: Path) -> None:
    if not shutil.which(shell):
        pytest.skip(f"there is no {shell}")
    file = tmp_path / "script"
    file.write_text(SHELLS[shell](grammar()))
    said = subprocess.run([shell, *flags, str(file)], capture_output=True, text=True, env=environment())
    assert said.returncode == 0 and said.stderr == "", said.stderr


def test_a_quote_in_a_help_text_ends_nothing() -> None:
    assert bash.script(grammar()).count("'") % 2 == 0
