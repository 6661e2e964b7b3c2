"""The tools of this node's tool host, over HTTP."""
