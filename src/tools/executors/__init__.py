"""What the tools do, one file for each."""
