"""What this machine is: one small probe per kind of hardware, with pure parsing of what tools and files say."""
