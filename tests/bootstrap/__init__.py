"""From `git clone` to the CLI: the real main.py in a checkout of its own, with a stand-in for uv."""
