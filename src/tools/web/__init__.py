"""Pages of the public web: fetched from nowhere else, and made readable."""
