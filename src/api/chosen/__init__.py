"""How an answer was chosen: told beside every answer, and kept for a while for those who want to know all of it."""
