"""The HTTP face of a node: pure conversions around one stream of events."""
