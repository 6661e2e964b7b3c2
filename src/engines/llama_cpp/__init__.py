"""llama.cpp through llama-cpp-python's low-level API.

model      the weights and the vocabulary; text to tokens and back
batch      the arrays of one decode
memory     the KV cells of the context: copy, remove
prefixes   which tokens lie in which sequence (a radix tree; pure)
cells      who owns how many cells; the prefix cache and its eviction
sampler    the next token
engine     all of these as one Engine
"""
