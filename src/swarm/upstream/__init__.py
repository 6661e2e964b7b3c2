"""Servers that somebody runs already and that speak OpenAI's API: their models become members."""
