"""Where the files of `config/` lie."""

from pathlib import Path


def config_folder() -> Path:
    """Inside the package when installed from a wheel, beside `src/` in a checkout."""
    here = Path(__file__).resolve().parents[1]
    return next(folder for folder in (here / "config", here.parent / "config") if folder.is_dir())


def prompts() -> Path:
    return config_folder() / "prompts"


def prompt(name: str) -> str:
    """A text that models are told, as it is now: whoever edits it need not start again."""
    return (prompts() / name).read_text(encoding="utf-8")
