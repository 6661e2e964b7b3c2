"""Memory of one node that holds a part of a model which another node serves."""
