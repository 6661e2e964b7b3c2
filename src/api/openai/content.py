"""What is inside a message: a string, or parts of text and pictures. Pure."""

from collections.abc import Mapping

from ...chat import Image, Text
from ..fields import Fields, describe

# Where each kind of part keeps its text. Refusals are text to a model.
TEXTS: Mapping[str, str] = {"text": "text", "input_text": "text", "output_text": "text", "refusal": "refusal"}
IMAGES = ("image_url", "input_image")
IMAGE_ADDRESSES = ("data:image/", "http://", "https://")


def read(fields: Fields, key: str = "content", images: bool = False) -> tuple[Text | Image, ...]:
    content = fields.raw(key)
    if content is None:
        raise fields.missing(key)
    if isinstance(content, str):
        return (Text(content),)
    if not isinstance(content, list):
        raise fields.wrong(key, f"must be a string or an array of parts, not {describe(content)}")
    return tuple(_part(part, images) for part in fields.listed(key) or ())


def read_text(fields: Fields, key: str = "content") -> str:
    return "".join(part.text for part in read(fields, key) if isinstance(part, Text))


def picture(fields: Fields, key: str) -> Image:
    url = fields.needed(key)
    if not url.startswith(IMAGE_ADDRESSES):
        raise fields.wrong(key, "must be a data URL of an image (data:image/...) or an http address")
    return Image(url)


def _part(part: Fields, images: bool) -> Text | Image:
    kind = part.needed("type")
    if kind in TEXTS:
        return Text(part.needed(TEXTS[kind]))
    if kind not in IMAGES:
        raise part.unsupported("type", f'"{kind[:40]}" is not supported by this server')
    if not images:
        raise part.unsupported("type", f'"{kind}" is supported in messages of the user only')
    if kind == "input_image":
        return picture(part, "image_url")
    held = part.fields("image_url")
    if held is None:
        raise part.missing("image_url")
    return picture(held, "url")
