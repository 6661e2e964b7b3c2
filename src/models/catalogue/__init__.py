"""The models that are known: data, and the names that people call them by."""
