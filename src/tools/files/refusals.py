"""What the system says about a path, in a sentence for the model."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from ..tool import ToolFailed

SENTENCES = {
    errno.ENOENT: "{path} does not exist.",
    errno.EXDEV: "{path} leads outside the project, where nothing can be used.",
    errno.ELOOP: "{path} leads through a link that is not followed. Name the file that it leads to.",
    errno.EACCES: "{path} belongs to another user, and this one may not use it.",
    errno.EPERM: "{path} belongs to another user, and this one may not use it.",
    errno.ENOTDIR: "{path} leads through something that is no folder, or is none itself.",
    errno.EISDIR: "{path} is a folder.",
    errno.ENAMETOOLONG: "{path} is too long for a path.",
    errno.ENXIO: "{path} is a device, a pipe or a socket, and no file.",
    errno.EAGAIN: "{path} is being moved at this moment. Try it again.",
    errno.ENOSPC: "{path} cannot be written: the disk is full.",
    errno.EROFS: "{path} cannot be written: it lies on a disk that can only be read.",
}


@contextmanager
def told(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        sentence = SENTENCES.get(error.errno or 0, "{path} cannot be used: {why}.")
        raise ToolFailed(sentence.format(path=path, why=(error.strerror or "unknown").lower())) from None
    except UnicodeEncodeError:
        raise ToolFailed("The path has characters in it that no path can have.") from None
