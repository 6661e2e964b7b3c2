"""Models: which one is served, and whether its file is what it should be."""
