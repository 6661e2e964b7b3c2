"""How words find their command, and what becomes of those that find none."""

import subprocess
import sys
from pathlib import Path

import pytest
from localswarm.cli.commands import COMMANDS, Command
from localswarm.cli.parser import WrongUse, parser_of, split

from ..running import MAIN
from .command import environment, run, sentence


@pytest.mark.parametrize(
    ("argv", "name", "rest"),
    [
        ([], "serve", []),
        (["--auto"], "serve", ["--auto"]),
        (["status", "--json"], "status", ["--json"]),
        (["--port", "5", "status", "--json"], "status", ["--port", "5", "--json"]),
        (["--use", "chat"], "serve", ["--use", "chat"]),
        (["--use", "chat", "chat", "serve"], "chat", ["--use", "chat", "serve"]),
        (["--use=chat", "--auto", "doctor"], "doctor", ["--use=chat", "--auto"]),
        (["--config"], "serve", ["--config"]),
        (["--tool-host", "--port", "5"], "serve", ["--tool-host", "--port", "5"]),
        (["--tool-host", "hall", "status"], "status", ["--tool-host", "hall"]),
    ],
)
def test_the_command_stands_anywhere_among_the_settings(argv: list[str], name: str, rest: list[str]) -> None:
    command, words = split(argv)
    assert (command.name, words) == (name, rest)


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["statsu"], "There is no command 'statsu'. Did you mean: python main.py status"),
        (["--auto", "xyzzy"], "There is no command 'xyzzy'. The commands are listed by: python main.py --help"),
        ([""], "There is no command ''"),
        (["--modle", "qwen3"], "--modle is not known here, perhaps you meant --model. See: python main.py --help"),
        (["--json", "modls"], "There is no command 'modls'. Did you mean: python main.py models"),
        (["status", "--jsno"], "--jsno is not known here, perhaps you meant --json. See: python main.py status --help"),
        (["--prot=5"], "--prot=5 is not known here, perhaps you meant --port. See: python main.py --help"),
        (["status", "now"], "now is not known here. See"),
        (["--port"], "--port: expected one argument. See: python main.py --help"),
        (["--use", "cooking"], "--use: invalid choice: 'cooking'"),
        (["completion"], "shell"),
        (["bench", "--rounds", "0"], "'0' is not a whole number above 0"),
        (["smoke", "--timeout", "nan"], "'nan' is not a number of seconds above 0"),
    ],
)
def test_what_is_not_understood(argv: list[str], words: str) -> None:
    with pytest.raises(WrongUse) as caught:
        command, rest = split(argv)
        parser_of(command).parse_args(rest)
    assert words in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_helps_with_examples(command: Command) -> None:
    text = parser_of(command).format_help()
    assert "examples:" in text and f"python main.py {'' if command.name == 'serve' else command.name}" in text


def test_every_command_is_in_the_docs_and_the_help() -> None:
    page = MAIN.parent.joinpath("docs/commands.md").read_text()
    said = run("--help").stdout
    for command in COMMANDS:
        assert f"## {command.name}\n" in page and command.help in said


def test_exit_codes_and_streams() -> None:
    assert "Did you mean: python main.py config" in sentence(run("confg"), code=2)
    assert run("config").returncode == 0
    assert "LOCALSWARM_PORT x" in sentence(run("config", LOCALSWARM_PORT="x"), code=2)


def test_a_warning_goes_to_stderr() -> None:
    said = run("config", "--json", LOCALSWARM_PROT="1")
    assert said.returncode == 0 and said.stdout.startswith("{")
    assert said.stderr.startswith("warning: ") and "LOCALSWARM_PORT" in said.stderr


def test_a_reader_that_has_left() -> None:
    """As `| head -0` leaves: nothing is said about it."""
    process = subprocess.Popen(
        [sys.executable, str(MAIN), "config"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    )
    assert process.stdout and process.stderr
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 1
    process.stderr.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_output_that_finds_no_room() -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, str(MAIN), "config"]
        said = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, env=environment(), text=True)
    assert "No space left" in said.stderr and said.stderr.count("\n") == 1 and said.returncode == 1


def test_as_a_module_from_a_folder_of_traps(tmp_path: Path) -> None:
    tmp_path.joinpath("json.py").write_text("raise SystemExit('trap')")
    command = [sys.executable, "-P", "-m", "localswarm.cli", "config", "--json"]
    said = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
