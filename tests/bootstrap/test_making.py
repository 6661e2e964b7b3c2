"""When a private environment is made, when it is used, and when it no longer counts."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bootstrap import environment

from .checkout import ROOT, Checkout


def test_first_start_makes_an_environment_and_hands_over(checkout: Checkout) -> None:
    started = checkout.run("--auto", "--port", "0")
    assert started.wait() == 7, started.err
    assert json.loads(started.out) == [["--auto", "--port", "0"], str(checkout.environment)]
    assert "Ready after" in started.err
    assert not (checkout.root / ".localswarm" / "tmp").exists()


def test_second_start_asks_uv_for_nothing_and_says_nothing(checkout: Checkout) -> None:
    checkout.run("--auto")
    calls = checkout.uv_calls()
    started = checkout.run("--auto")
    assert (started.wait(), started.err) == (7, "")
    assert checkout.uv_calls() == calls


def test_everything_comes_from_the_lock_files(checkout: Checkout) -> None:
    checkout.run("--auto")
    installed = [call for call in checkout.uv_calls() if "-r" in call]
    assert all("--require-hashes" in call and "--no-deps" in call for call in installed)
    assert installed[-1][-1] == str(checkout.root / "requirements.lock")
    builds = [call for call in checkout.uv_calls() if call[0] == "pip"]
    assert all(str(checkout.root / "requirements-build.lock") in call for call in builds)


def test_a_warm_cache_needs_neither_network_nor_compiler(checkout: Checkout) -> None:
    checkout.tell_uv("warm")
    checkout.forget("cc")
    assert checkout.run("--auto").wait() == 7
    installed = [call for call in checkout.uv_calls() if "-r" in call]
    assert len(installed) == 1 and "--offline" in installed[0]


@pytest.mark.parametrize("file", ["requirements.lock", "pyproject.toml"])
def test_made_anew_when_what_it_follows_has_changed(checkout: Checkout, file: str) -> None:
    checkout.run("--auto")
    with (checkout.root / file).open("a") as changed:
        changed.write("\n# changed\n")
    assert_made_anew(checkout)


def test_made_anew_when_half_made(checkout: Checkout) -> None:
    checkout.run("--auto")
    checkout.stamp.unlink()
    assert_made_anew(checkout)


def test_made_anew_when_its_python_is_gone(checkout: Checkout) -> None:
    checkout.run("--auto")
    (checkout.environment / "bin" / "python").unlink()
    assert_made_anew(checkout)


def test_made_anew_when_the_checkout_has_moved(checkout: Checkout) -> None:
    checkout.run("--auto")
    moved = checkout.root.with_name("moved")
    shutil.move(checkout.root, moved)
    checkout.root, checkout.environment = moved, moved / ".localswarm" / "env"
    assert_made_anew(checkout)


def test_made_anew_by_its_own_python(checkout: Checkout) -> None:
    checkout.run("--auto")
    checkout.stamp.write_text("another")
    assert_made_anew(checkout, python=checkout.environment / "bin" / "python")


def assert_made_anew(checkout: Checkout, python: str | Path = sys.executable) -> None:
    leftover = checkout.environment / "leftover"
    leftover.touch()
    started = checkout.run("--auto", python=python)
    assert started.wait() == 7, started.err
    assert "Ready after" in started.err
    assert not leftover.exists()
    assert checkout.run("--auto").err == ""


@pytest.mark.parametrize("word", ["test", "check", "fix", "lock"])
def test_words_of_dev_run_in_the_dev_environment(checkout: Checkout, word: str) -> None:
    started = checkout.run("dev", word, "-k", "some")
    assert started.wait() == 0, started.err
    arguments, path = json.loads(started.out)
    assert arguments == [word, "-k", "some"]
    assert path.split(":")[0] == str(checkout.root / ".localswarm" / "dev" / "bin")


def test_bench_has_an_environment_of_its_own(checkout: Checkout) -> None:
    assert checkout.run("dev", "bench").wait() == 0
    assert checkout.uv_calls()[0][-1] == str(checkout.root / ".localswarm" / "bench")


@pytest.mark.parametrize("words", [[], ["paint"]])
def test_an_unknown_word_is_answered_with_the_known_ones(checkout: Checkout, words: list[str]) -> None:
    started = checkout.run("dev", *words)
    assert started.wait() == 2
    assert "bench|check|fix|lock|test" in started.err
    assert checkout.uv_calls() == []


def test_an_old_uv_is_not_used(checkout: Checkout) -> None:
    """It is fetched into the environment with pip instead, which has no network here."""
    checkout.tell_uv("version", "uv 0.4.30")
    started = checkout.run("--auto", PIP_NO_INDEX="1")
    assert started.wait() == 1
    assert "while fetching uv, the installer" in started.err
    assert checkout.uv_calls() == []


def test_pythonpath_does_not_leak_into_the_making(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "llama_cpp.py").write_text("raise SystemExit('the wrong llama_cpp')")
    started = checkout.run("--auto", PYTHONPATH=str(tmp_path))
    assert "Ready after" in started.err


def test_a_python_that_has_everything_is_used_as_it_is() -> None:
    """As under `uv run`: no private environment, and not a word about one."""
    ended = subprocess.run([sys.executable, ROOT / "main.py", "--version"], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("Local Swarm ")


@pytest.mark.parametrize("requirement", ["no-such-package>=1", "numpy==0.1"])
def test_a_python_that_lacks_something_is_not(requirement: str) -> None:
    assert environment.is_installed("numpy>=2.1")
    assert not environment.is_installed(requirement)


def test_what_other_machines_need_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = "mlx==0.1; sys_platform == 'darwin' and platform_machine == 'arm64'"
    monkeypatch.setattr("sys.platform", "darwin")
    for machine, needed in (("arm64", True), ("x86_64", False)):
        monkeypatch.setattr("platform.machine", lambda machine=machine: machine)
        assert environment.is_for_this_machine(wanted) is needed
    assert environment.is_for_this_machine("numpy>=2.1")
