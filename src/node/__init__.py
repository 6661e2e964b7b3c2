"""A node: the only part that knows every other one. `build` puts them together, `Node.run` is one task group.

Nothing is imported here: the command line asks `running` for what is up, and must not wait for the whole server.
"""
