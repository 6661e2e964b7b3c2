"""What nodes say to each other: nouns to JSON and back, and nothing else of the network."""
