"""What OpenAI's routes take and give, as JSON Schema for /docs. Data; a test holds it to what is really checked."""
