"""Coding agents and how each is pointed at a node: one file per agent, all pure.

Every agent is isolated from the user's own configuration as far as it can be told where to look.
"""

from . import aider, claude, cline, codex, crush, opencode, qwen
from .agent import Agent, Folders, Setup, Target

AGENTS = {
    agent.name: agent
    for agent in (opencode.AGENT, codex.AGENT, claude.AGENT, qwen.AGENT, crush.AGENT, cline.AGENT, aider.AGENT)
}

__all__ = ["AGENTS", "Agent", "Folders", "Setup", "Target"]
