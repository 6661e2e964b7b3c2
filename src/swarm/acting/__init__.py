"""Models use the tools of the tool host: an answer takes several rounds, and the client hears one."""
