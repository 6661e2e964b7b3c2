"""What a model may write for one request, said so that an engine can enforce it (llguidance's Lark).

`schema` cleans what clients send, `fit` relaxes what cannot be enforced, `tools` does both for tools and answers and
keeps the result, `compose` makes the grammar of one request, `check` judges values that were not enforced. `lark` knows
how Lark is written. The other files are parts of these.
"""
