"""From `git clone` to the moment the CLI starts, with the standard library alone.

start        decides which Python does the work, and hands over to it
environment  the private environments in `.localswarm/`, and when one counts as made
making       makes one: alone, from the lock files, safe to interrupt at any moment
shell        runs a command: output into the log, progress onto the screen
progress     the line that shows how far it is
machine      what the machine must bring: compilers, disk, and how its system installs them
failures     what went wrong, read from the output of what failed
stop         the one exception: a sentence and the command that mends it
"""
