"""What is never changed inside the project: it is obeyed later, outside the sandbox. And what is secret. Pure."""

from .patterns import matches

# Of git's own folder: what names a program, or another place where such names are read.
GIT = ("hooks", "config", "config.worktree", "commondir", "gitdir", "modules", "worktrees", "info")
STARTED = (
    ".envrc", ".direnv", ".mise.toml", ".husky", ".pre-commit-config.yaml", ".devcontainer",
    ".vscode", ".idea", ".zed", ".exrc", ".nvimrc", ".nvim.lua", ".vimrc", ".dir-locals.el",
    ".claude", ".codex", ".cursor", ".gemini", ".qwen", ".opencode", ".mcp.json", "opencode.json", "opencode.jsonc",
)  # fmt: skip
GUARDED = (*(f".git/{name}" for name in GIT), *STARTED)

# Patterns of names on the way to a file. Where the project is somebody's home, these lie in it.
SECRET = (".ssh", ".gnupg", ".aws", ".kube", ".docker", ".netrc", ".git-credentials", ".npmrc", ".pypirc", "id_rsa",
          "id_ed25519", "id_ecdsa", "*.pem", "*.key", ".env", ".env.*")  # fmt: skip
HARMLESS = (".env.example", ".env.sample", ".env.template")


def is_guarded(path: str) -> bool:
    """Relative to the root, with no links on the way. A repository inside the project has such files too."""
    parts = path.casefold().split("/")
    if any(part in STARTED for part in parts):
        return True
    return any(part == ".git" and (at + 1 == len(parts) or parts[at + 1] in GIT) for at, part in enumerate(parts))


def is_secret(path: str) -> bool:
    return any(
        matches(pattern, part, loose=True) for part in path.split("/") if part not in HARMLESS for pattern in SECRET
    )
