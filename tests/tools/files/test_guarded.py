import pytest
from localswarm.tools.files.guarded import is_guarded, is_secret


@pytest.mark.parametrize(
    "path",
    [".git/hooks/pre-commit", ".git/config", ".GIT/Hooks/x", ".git", "sub/.git/hooks/x", ".envrc", "a/.envrc",
     ".vscode/tasks.json", ".VSCode/tasks.json", ".claude/settings.json", "opencode.json", ".git/modules/a/config",
     ".bare/hooks/x", "own.git/config", ".g\u200cit/config", "a/lefthook.yml", ".devcontainer.json"],
)  # fmt: skip
def test_what_runs_later(path: str) -> None:
    assert is_guarded(path)


@pytest.mark.parametrize(
    "path", ["src/main.py", ".git/index", ".git/refs/heads/main", "config", "hooks/a", ".gitignore", "own.git/HEAD"]
)
def test_what_does_not(path: str) -> None:
    assert not is_guarded(path)


@pytest.mark.parametrize(
    "path", [".ssh/id_rsa", ".env", "app/.env.local", "keys/server.pem", ".SSH/known_hosts", ".aws/x"]
)
def test_secrets(path: str) -> None:
    assert is_secret(path)


@pytest.mark.parametrize("path", ["src/env.py", ".env.example", "keyboard.py", ".", "docs/ssh.md"])
def test_no_secrets(path: str) -> None:
    assert not is_secret(path)
