"""Local Swarm: every machine on a LAN serves the model that fits it, behind one endpoint."""
