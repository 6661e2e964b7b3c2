"""The import name of the folder `src/`; only a checkout (editable install) goes through this file."""

__path__ = [str(__import__("pathlib").Path(__file__).resolve().parents[3] / "src")]
