"""Behaves like uv for `main.py`: real virtual environments, but nothing is fetched and nothing compiled.

How it behaves is said by files in its own folder, so that one start after another can be told something else:
`warm` (the cache holds all), `fail` (the text with which an installation fails), `slow` (it compiles until `go`),
`broken` (what the installed llama_cpp does when it is imported), `version`.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent


def told(name: str) -> bool:
    return (HERE / name).exists()


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def site_packages(python: str) -> Path:
    return next(Path(python).parents[1].glob("lib/python*/site-packages"))


def add_package(folder: Path, module: str, code: str = "") -> None:
    (folder / f"{module}.py").write_text(code)


def install(arguments: list[str]) -> None:
    folder = site_packages(arguments[arguments.index("--python") + 1])
    if "--editable" in arguments:
        checkout = Path(arguments[arguments.index("--editable") + 1])
        (folder / "localswarm.pth").write_text(str(checkout / ".package" / "run"))
        return
    if "--offline" in arguments and not told("warm"):
        sys.exit("error: not in the cache")
    if told("fail"):
        sys.exit((HERE / "fail").read_text())
    compile_slowly()
    add_package(folder, "llama_cpp", (HERE / "broken").read_text() if told("broken") else "")
    add_package(folder, "poethepoet", "import json, os, sys\nprint(json.dumps([sys.argv[1:], os.environ['PATH']]))\n")


def compile_slowly() -> None:
    """With a child at work, as uv has: it does not end because uv ends."""
    (HERE / "CC").write_text(os.environ.get("CC", ""))
    compiler = subprocess.Popen([sys.executable, __file__, "compile"])
    step = 0
    while compiler.poll() is None:
        step = min(step + 1, 193)
        say(f"DEBUG [{step}/193] /usr/bin/c++ -O3 -c part{step}.cpp")
        time.sleep(0.05)


def work() -> None:
    while told("slow") and not told("go"):
        time.sleep(0.05)


def main(arguments: list[str]) -> None:
    if arguments == ["--version"]:
        print((HERE / "version").read_text() if told("version") else "uv 0.13.9 (stand-in)")
        return
    if arguments == ["compile"]:
        work()
        return
    with (HERE / "calls").open("a") as calls:
        calls.write(json.dumps(arguments) + "\n")
    if arguments[0] == "venv":
        subprocess.run([arguments[2], "-m", "venv", "--without-pip", arguments[3]], check=True)
    elif arguments[0] == "pip":
        install(arguments)


main(sys.argv[1:])
