"""Looking through the files of a folder, in a process of its own: an expression that never ends can only be killed."""
