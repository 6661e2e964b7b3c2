"""The tool host: what models may do on a machine, and what keeps them from more."""
