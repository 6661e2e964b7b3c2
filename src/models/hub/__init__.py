"""Files of models: what a hub has, what is on this machine already, and how the one becomes the other."""
