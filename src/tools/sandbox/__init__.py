"""Where programs run that nobody has read: they see no file of the user's, no network, and leave nothing behind."""

from .limits import Limits
from .sandbox import NoSandbox, Outcome, Sandbox, find

__all__ = ["Limits", "NoSandbox", "Outcome", "Sandbox", "find"]
