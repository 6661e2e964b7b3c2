"""What programs that nobody has read are run with."""
