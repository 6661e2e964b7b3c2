"""What the project is made of: who imports whom, what is locked, what is in the packages."""
