"""The model that came with the installation."""

from ...errors import ModelUnusable
from ...models import embedded
from .finding import Finding, Situation, fail, ok
from .python import SET_UP_AGAIN


def check_embedded_model(situation: Situation) -> Finding:
    try:
        path = embedded.find()
        embedded.verify(path)
    except ModelUnusable as error:
        return fail(error.message.partition(". ")[0], SET_UP_AGAIN)
    return ok(f"{embedded.NAME} is whole")
