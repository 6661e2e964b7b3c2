"""The list of models."""

from .shapes import BOOLEAN, INTEGER, OBJECT, STRING, answer, array

MODEL = answer(
    {
        "id": STRING,
        "object": STRING,
        "created": INTEGER,
        "owned_by": STRING,
        "context_length": INTEGER,
        "context_window": INTEGER,
        "max_model_len": INTEGER,
        "max_input_tokens": INTEGER,
        "max_output_tokens": INTEGER,
        "meta": OBJECT,
        "top_provider": OBJECT,
        "capabilities": array(STRING),
        "supports_tools": BOOLEAN,
        "supports_function_calling": BOOLEAN,
        "supports_reasoning": BOOLEAN,
        "supports_vision": BOOLEAN,
        "supports_embeddings": BOOLEAN,
        "tool_grade": STRING,
        "supported_parameters": array(STRING),
        "architecture": OBJECT,
        "seats": INTEGER,
        "local": BOOLEAN,
        "notes": array(STRING),
    }
)
MODELS = answer({"object": STRING, "data": array(MODEL)})
