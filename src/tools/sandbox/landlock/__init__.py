"""Walls of Landlock and seccomp, for where there are no user namespaces: the kernel refuses what is not granted."""
