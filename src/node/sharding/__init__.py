"""One model on several machines: what this node lends to others, and what its own engine borrows."""
