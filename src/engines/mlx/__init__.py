"""MLX through mlx-lm's models, for Apple Silicon; on other machines it runs on the processor.

folder      what lies in a model's folder, and whether it is whole
vocabulary  text to tokens and back
model       the weights
limits      how much memory MLX may take
kinds       what each layer keeps of a sequence
rows        keys and values of several sequences, as mlx-lm's models want them
states      the same of recurrent layers, whose memory cannot be cut
prefixes    keys and values of finished sequences, up to so many tokens (a radix tree), and snapshots of states
held        snapshots of sequences that still run
cells       who holds which rows; the prefix cache and its eviction
sampler     the next token
engine      all of these as one Engine
"""
