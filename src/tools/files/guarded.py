"""What is never changed inside the project: it is obeyed later, outside the sandbox. And what is secret. Pure."""

import itertools
import unicodedata

from .patterns import matches

# Of git's own folder: what names a program, or another place where such names are read.
GIT = ("hooks", "config", "config.worktree", "commondir", "gitdir", "modules", "worktrees", "info")
# A folder of git's may lie under other names: `.bare` beside its working trees, `NAME.git`.
REPOSITORIES = (".git", ".bare")
STARTED = (
    ".envrc", ".direnv", ".mise.toml", ".husky", ".pre-commit-config.yaml", ".devcontainer",
    ".vscode", ".idea", ".zed", ".exrc", ".nvimrc", ".nvim.lua", ".vimrc", ".dir-locals.el",
    ".claude", ".codex", ".cursor", ".gemini", ".qwen", ".opencode", ".mcp.json", "opencode.json", "opencode.jsonc",
    ".devcontainer.json", ".helix", ".windsurf", ".kiro", ".roo", ".crush.json", "crush.json", "lefthook.yml",
    ".lefthook.yml",
)  # fmt: skip
GUARDED = (*(f".git/{name}" for name in GIT), *STARTED)

# Patterns of names on the way to a file. Where the project is somebody's home, these lie in it.
SECRET = (".ssh", ".gnupg", ".aws", ".kube", ".docker", ".netrc", ".git-credentials", ".npmrc", ".pypirc", "id_rsa",
          "id_ed25519", "id_ecdsa", "*.pem", "*.key", ".env", ".env.*")  # fmt: skip
HARMLESS = (".env.example", ".env.sample", ".env.template")


def is_guarded(path: str) -> bool:
    """Relative to the root, with no links on the way. A repository inside the project has such files too."""
    parts = _seen(path).split("/")
    if any(part in STARTED for part in parts):
        return True
    return parts[-1] == ".git" or any(
        part.endswith(REPOSITORIES) and after in GIT for part, after in itertools.pairwise(parts)
    )


def _seen(path: str) -> str:
    """As a disk of a Mac takes it: some marks that nobody sees are nothing to it."""
    return "".join(mark for mark in path if unicodedata.category(mark) != "Cf").casefold()


def is_secret(path: str) -> bool:
    return any(
        matches(pattern, part, loose=True) for part in path.split("/") if part not in HARMLESS for pattern in SECRET
    )
