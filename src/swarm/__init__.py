"""The swarm: members that can answer, and the way of one request through them."""
