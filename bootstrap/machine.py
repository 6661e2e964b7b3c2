"""What the machine must bring, and how its system installs what is missing."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from bootstrap.environment import ROOT
from bootstrap.stop import Stop

DISK_NEEDED = 1000 * 10**6  # bytes; measured: 640 MB for the first start, 810 MB with the environment of `dev`.

COMPILERS = {"CC": ("cc", "gcc", "clang"), "CXX": ("c++", "g++", "clang++")}

# The command of each system's installer, and its names for the three things that we may have to ask for.
INSTALLERS = {
    "brew": ("brew install", {"compiler": "llvm", "cmake": "cmake", "venv": "python@3.12"}),
    "apt-get": ("apt-get install --yes", {"compiler": "gcc g++", "cmake": "cmake", "venv": "python{}.{}-venv"}),
    "dnf": ("dnf install --assumeyes", {"compiler": "gcc gcc-c++", "cmake": "cmake", "venv": "python3"}),
    "zypper": ("zypper install", {"compiler": "gcc gcc-c++", "cmake": "cmake", "venv": "python3"}),
    "pacman": ("pacman -S", {"compiler": "gcc", "cmake": "cmake", "venv": "python"}),
    "apk": ("apk add", {"compiler": "build-base linux-headers", "cmake": "cmake", "venv": "python3"}),
}
VISUAL_STUDIO = (
    "winget install Microsoft.VisualStudio.2022.BuildTools"
    ' --override "--wait --add Microsoft.VisualStudio.Workload.VCTools --includeRecommended"'
)


def install_command(thing: str) -> str:
    if thing == "compiler" and sys.platform == "darwin":
        return "xcode-select --install"
    if thing == "compiler" and sys.platform == "win32":
        return VISUAL_STUDIO
    for tool, (command, names) in INSTALLERS.items():
        if shutil.which(tool):
            return f"{sudo(tool)}{command} {names[thing].format(*sys.version_info)}"
    return f"# install {thing} with this system's package manager and start again"


def sudo(tool: str) -> str:
    is_root = sys.platform == "win32" or os.geteuid() == 0
    return "" if is_root or tool == "brew" else "sudo "


def check_machine() -> None:
    """What a compile needs and no package can bring. cmake and ninja come as packages where they are missing."""
    check_disk(ROOT)
    for variable, language in (("CC", "C"), ("CXX", "C++")):
        if not has_compiler(variable):
            what = f"No {language} compiler was found, and llama.cpp has to be compiled for this machine."
            raise Stop(what, install_command("compiler"))


def has_compiler(variable: str) -> bool:
    # On a Mac /usr/bin/cc exists without the tools behind it, and opens a dialogue when run.
    if sys.platform == "darwin":
        return subprocess.call(["xcode-select", "-p"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    if chosen := shlex.split(os.environ.get(variable, "")):
        return shutil.which(chosen[0]) is not None
    return variable in compilers() or has_visual_studio()


def compilers() -> dict[str, str]:
    """The first of each that is found."""
    found = {name: next(filter(None, map(shutil.which, names)), None) for name, names in COMPILERS.items()}
    return {name: path for name, path in found.items() if path}


def has_visual_studio() -> bool:
    programs = os.environ.get("ProgramFiles(x86)")
    return programs is not None and Path(programs, "Microsoft Visual Studio/Installer/vswhere.exe").exists()


def check_disk(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < DISK_NEEDED:
        sizes = f"{free // 10**6} MB are free and {DISK_NEEDED // 10**6} MB are needed"
        raise Stop(f"The disk that holds {folder} is too full: {sizes}.", make_room())


def make_room() -> str:
    return "df -h .    # make room there, and start again: what was fetched is kept"


def delete(folder: Path) -> str:
    return f"rd /s /q {folder}" if sys.platform == "win32" else f"rm -rf {shlex.quote(str(folder))}"
