"""What a swarm of several machines is held to, measured in the network lab on whole nodes with a stub for an engine."""
