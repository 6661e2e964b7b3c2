"""What /docs shows of the swarm's nodes."""

from ..openapi import NUMBER, OPENAI_ERROR, TEXT, WHOLE, answers, one_of, several, thing

LOAD = thing(
    ("running", "waiting", "cells_used", "cells_cached", "cells"),
    running=WHOLE,
    waiting=WHOLE,
    cells_used=WHOLE,
    cells_cached=WHOLE,
    cells=WHOLE,
)
MODEL = thing(("id", "context", "seats"), id=TEXT, context=WHOLE, seats=WHOLE, quantization=TEXT)
NODE = thing(
    ("id", "name", "state", "models", "hardware", "version", "addresses", "tools"),
    id=TEXT,
    name=TEXT,
    state=one_of("alive", "suspect", "gone"),
    model=TEXT | {"description": "The one with the most context."},
    context=WHOLE,
    tokens_per_second=NUMBER | {"description": "That one answer alone is written with."},
    models=several(MODEL),
    load=LOAD,
    latency_ms=NUMBER,
    hardware=TEXT,
    version=TEXT,
    started=WHOLE | {"description": "Seconds since 1970, by this node's clock."},
    since=WHOLE | {"description": "It is in this state; seconds since 1970, by this node's clock."},
    addresses=several(TEXT),
    tools=several(TEXT | {"description": "A tool that it does for others."}),
    trouble=TEXT | {"description": "What is wrong with it, and what mends it."},
)
STRANGER = thing(("id", "name", "addresses"), id=TEXT, name=TEXT, addresses=several(TEXT), why=TEXT)
TOOL_HOST = thing(
    ("where", "tools"),
    where=TEXT,
    tools=several(TEXT),
    trouble=TEXT | {"description": "Why its tools cannot be used now."},
)
HELD = thing(
    ("id", "name", "bytes", "state", "since"),
    id=TEXT,
    name=TEXT,
    bytes=WHOLE,
    state=one_of("alive", "lost", "waiting"),
    since=WHOLE | {"description": "It is in this state; seconds since 1970, by this node's clock."},
    trouble=TEXT | {"description": "Why it is lost."},
)
HEALTH = answers(
    "This node, those of its swarm, and machines that are seen and not of it.",
    OPENAI_ERROR,
    thing(
        ("node", "peers", "strangers", "notes", "borrowed"),
        node=NODE,
        peers=several(NODE),
        strangers=several(STRANGER),
        notes=several(TEXT | {"description": "What has to be known of the network as a whole."}),
        tool_host=TOOL_HOST | {"description": "Whose tools models of this node use; null where they use none."},
        borrowed=several(HELD) | {"description": "Memory of other nodes that holds a part of this node's model."},
        lent=several(HELD) | {"description": "The nodes whose models it holds a part of; null where it lends nothing."},
    ),
)
