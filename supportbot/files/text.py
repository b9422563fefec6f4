"""Text files that people give: read as whatever program wrote them, and never a pipe or a device.

Windows writes a mark before UTF-8, and UTF-16 where somebody chose "Unicode".
"""

import codecs
import os
import stat
from pathlib import Path

from supportbot.errors import SupportbotError

NOT_A_TEXT = (
    "this is neither UTF-8 nor UTF-16. Open the file in the program that wrote it, and save it as "
    "UTF-8."
)
_MARKS = (
    # UTF-32's mark of little bytes begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(head: bytes) -> str:
    """Tell the encoding of a text by its first four bytes, with or without a mark; else UTF-8.

    Source: RFC 4627, section 3: the first two characters are ASCII in all that is read here.
    """
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    match [byte != 0 for byte in head[:4]]:
        case [True, False, True, False]:
            return "utf-16-le"
        case [False, True, False, True]:
            return "utf-16-be"
    return "utf-8-sig"


def decoded(data: bytes) -> str:
    """Return a text as it was written, without a mark.

    Raises:
        UnicodeDecodeError: It is neither UTF-8 nor UTF-16.
    """
    return data.decode(encoding_of(data[:4]))


def read_bytes(path: Path, *, most: int) -> bytes:
    """Read a whole file.

    Raises:
        SupportbotError: It cannot be read, is no ordinary file, or has more bytes than `most`.
    """
    try:
        # A pipe would keep us waiting until somebody writes to it.
        descriptor = os.open(path, os.O_RDONLY | _AT_ONCE | _AS_IT_IS)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                message = f"{path} is not an ordinary file. Give a file on the disk."
                raise SupportbotError(message)
            data = file.read(most + 1)
    except IsADirectoryError as error:
        message = f"{path} is a folder, and has to be a file."
        raise SupportbotError(message) from error
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}."
        raise SupportbotError(message) from error
    if len(data) > most:
        message = f"{path} is larger than {most:,} bytes. Is it the right file?"
        raise SupportbotError(message)
    return data


def read_text(path: Path, *, most: int) -> str:
    """Read a whole file as text.

    Raises:
        SupportbotError: It cannot be read, or is no text.
    """
    try:
        return decoded(read_bytes(path, most=most))
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        message = f"{path}:{line}: {NOT_A_TEXT}"
        raise SupportbotError(message) from error


_AT_ONCE = getattr(os, "O_NONBLOCK", 0)
_AS_IT_IS = getattr(os, "O_BINARY", 0)
