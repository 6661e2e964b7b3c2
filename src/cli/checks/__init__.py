"""What `doctor` looks at: one check per function, none of which changes anything."""
