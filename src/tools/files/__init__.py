"""The files of one folder, and no others: every path is opened beneath it, by the kernel's rules where it has them."""

from .root import Root, RootUnusable

__all__ = ["Root", "RootUnusable"]
