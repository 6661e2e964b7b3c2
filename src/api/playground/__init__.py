"""A page to talk to the node with, and to look at it. Static files; everything it shows comes from the API."""
