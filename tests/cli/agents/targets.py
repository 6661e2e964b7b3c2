"""A node to configure agents for, and where to."""

from pathlib import Path

from localswarm.cli.agents import Folders, Target

TARGET = Target("http://10.0.0.7:17615", "qwen3:8b:q4_k_m", 40_960, "hush")
FOLDERS = Folders(Path("/scratch"), Path("/home/x/state/agents/one"))
