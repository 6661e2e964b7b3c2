"""The keywords of JSON Schema that say something about values."""

from .bounds import COUNTS, NUMBERS

# What llguidance cannot enforce, and what is worth a warning.
UNENFORCED = (
    "not", "if", "dependentRequired", "dependentSchemas", "dependencies", "contains", "uniqueItems", "propertyNames",
    "unevaluatedItems", "$dynamicRef", "$recursiveRef",
)  # fmt: skip
CONSTRAINTS = frozenset(
    (
        "type", "nullable", "enum", "const", "anyOf", "oneOf", "allOf", "$ref", "properties", "required",
        "additionalProperties", "unevaluatedProperties", "patternProperties", "items", "prefixItems", "additionalItems",
        "pattern", "format", *NUMBERS, *(name for pair in COUNTS for name in pair), *UNENFORCED,
    )
)  # fmt: skip
