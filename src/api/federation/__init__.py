"""What this node knows of the others of its swarm."""
