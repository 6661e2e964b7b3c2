"""cline: a folder for all that it keeps, with the provider in it. Its sessions go with the folder."""

import json

from .agent import TITLE, Agent, Folders, Setup, Target

PROVIDER = "openai-compatible"  # cline's own name for servers like ours


def configure(target: Target, folders: Folders) -> Setup:
    data = folders.scratch / "data"
    files = {"providers.json": _provider(target), "models.json": _model(target)}
    written = {data / "settings" / name: json.dumps(text, indent=2) for name, text in files.items()}
    return Setup({"CLINE_DIR": str(folders.scratch)}, ("--data-dir", str(data)), written)


def _provider(target: Target) -> dict[str, object]:
    settings = {"provider": PROVIDER, "apiKey": target.key, "model": target.model, "baseUrl": target.v1}
    known = {"settings": settings, "updatedAt": "2026-01-01T00:00:00.000Z", "tokenSource": "manual"}
    return {"version": 1, "lastUsedProvider": PROVIDER, "providers": {PROVIDER: known}}


def _model(target: Target) -> dict[str, object]:
    model = {
        "id": target.model,
        "name": target.model,
        "contextWindow": target.context,
        "maxInputTokens": target.context,
        "maxTokens": target.output,
        "capabilities": ["streaming", "tools"],
    }
    provider = {"name": TITLE, "baseUrl": target.v1, "defaultModelId": target.model}
    return {"version": 1, "providers": {PROVIDER: {"provider": provider, "models": {target.model: model}}}}


AGENT = Agent("cline", "cline", "npm install -g cline", "Node.js 22 or newer", 32_768, configure)
