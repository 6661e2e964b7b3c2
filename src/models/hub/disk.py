"""Looking at files that belong to others: what cannot be read is not there."""

from pathlib import Path


def size(path: Path) -> int | None:
    """Of a file; None for anything else, a dangling link too."""
    try:
        return path.stat().st_size if path.is_file() else None
    except OSError:
        return None


def is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def nearest(folder: Path) -> Path:
    """The folder itself or, while it does not exist, the one that it will be made in."""
    return next(each for each in (folder, *folder.absolute().parents) if is_folder(each))


def text(path: Path, most: int) -> str:
    if size(path) is None:
        return ""  # a pipe would be waited for
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(most)
    except OSError:
        return ""
