"""OpenAI's Responses API: items in, items out, and answers that are kept for a while."""
