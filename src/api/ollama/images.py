"""Pictures as Ollama takes them: base64 that does not say of what kind. Pure."""

import base64
import binascii

from ...chat import Image
from ..fields import Fields

# How files of these kinds begin, in base64.
KINDS = {"/9j/": "image/jpeg", "R0lGOD": "image/gif", "UklGR": "image/webp", "iVBORw": "image/png"}


def images(fields: Fields) -> list[Image]:
    return [_image(fields, f"images[{at}]", one) for at, one in enumerate(fields.texts("images") or ())]


def _image(fields: Fields, key: str, text: str) -> Image:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise fields.wrong(key, "must be a picture in base64") from None
    kind = next((kind for start, kind in KINDS.items() if text.startswith(start)), "application/octet-stream")
    return Image(f"data:{kind};base64,{text}")
