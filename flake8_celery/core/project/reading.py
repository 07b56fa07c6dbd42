"""The one way in which a file is read: a regular one, of bounded size, or not at all.

What a project holds under a name need not be a file: a pipe waits for ever, a device has no end.
"""

from __future__ import annotations

import errno
import io
import os
import stat
import tokenize
from typing import Final

MAX_SOURCE: Final = 4_000_000
"""No source or configuration that says anything is larger."""
MAX_BYTES: Final = 64_000_000
"""No file that is looked through for a word is larger."""


class Refused(OSError):
    """It is there, and is not read."""

    def __str__(self) -> str:
        return str(self.strerror)


class NoFile(Refused):
    """It is a folder, a pipe, a device, a socket."""


class TooLarge(Refused):
    """It has more bytes than are read."""


def read_file(path: str | os.PathLike[str], limit: int = MAX_SOURCE) -> bytes:
    """The content of a regular file of `limit` bytes at most; OSError where there is none such."""
    try:
        # looked at before it is opened, as that alone may do something to a device
        _check(os.stat(path), path, limit)
        # and again while it is open: it may have been exchanged, and then must not keep us waiting
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _BINARY)
    except ValueError as error:
        raise FileNotFoundError(errno.ENOENT, str(error), ascii(path)) from None
    try:
        found = os.fstat(number)
        _check(found, path, limit)
        # room for all that may come would take longer to make than the file to read
        content = os.read(number, found.st_size + 1)
        if len(content) != found.st_size:
            # it says nothing of its size, as below /proc, or grows, or comes in pieces
            content += _rest(number, limit + 1 - len(content))
    finally:
        os.close(number)
    if len(content) > limit:
        raise _too_large(path, limit)
    return content


def _rest(number: int, room: int) -> bytes:
    pieces = []
    while room > 0 and (piece := os.read(number, min(room, _PIECE))):
        pieces.append(piece)
        room -= len(piece)
    return b"".join(pieces)


_PIECE: Final = 65_536
_BINARY: Final = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def _check(found: os.stat_result, path: str | os.PathLike[str], limit: int) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise NoFile(errno.EINVAL, "it is no regular file", os.fspath(path))
    if found.st_size > limit:
        raise _too_large(path, limit)


def _too_large(path: str | os.PathLike[str], limit: int) -> TooLarge:
    size = f"{limit // 1_000_000} MB" if limit >= 1_000_000 else f"{limit} bytes"
    return TooLarge(errno.EFBIG, f"it has more than {size}", os.fspath(path))


def decoded(raw: bytes) -> str:
    """A source's text, its ends of lines as Python's parser sees them; raises where it is none."""
    encoding = tokenize.detect_encoding(io.BytesIO(raw).readline)[0]
    return io.TextIOWrapper(io.BytesIO(raw), encoding).read()
