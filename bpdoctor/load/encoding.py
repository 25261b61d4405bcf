"""From bytes to text and back, in whatever encoding the file is."""

from __future__ import annotations

import codecs
import io
import tokenize

from bpdoctor.model.source import lines_of

_MARKS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def decoded(data: bytes) -> tuple[str, tuple[str, ...]]:
    """The text with plain line ends, and a note where Python itself would not have read it.

    Raises
    ------
    ValueError, SyntaxError
        When the bytes are no text, or the coding line names no encoding.
    """
    encoding, noted = encoding_of(data)
    text = "\n".join(lines_of(data.decode(encoding)))
    return text.removeprefix("\ufeff"), (
        (f"the file is not UTF-8 and names no encoding; it was read as {noted}",) if noted else ()
    )


def encoding_of(data: bytes) -> tuple[str, str]:
    """The encoding of a file, and its name for people where it had to be guessed."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name, "UTF-16"
    if b"\0" in data:
        raise ValueError("it holds null bytes")
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline) if _declared(data) else ("utf-8", [])
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        if encoding not in ("utf-8", "utf-8-sig"):
            raise
        return "latin-1", "Latin-1"
    return encoding, ""


def _declared(data: bytes) -> bool:
    """Whether the first lines can be read as UTF-8, or say otherwise."""
    try:
        tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        # Not UTF-8 and no coding line; an unknown encoding is the user's error.
        if "invalid or missing encoding" in str(error):
            return False
        raise
    return True


def encoded(data: bytes, text: str) -> bytes:
    """Bytes of `text` in the encoding, with the line ends and the byte order mark, of `data`."""
    encoding, _ = encoding_of(data)
    before = data.decode(encoding)
    newline = "\r\n" if "\r\n" in before else ("\r" if "\r" in before and "\n" not in before else "\n")
    mark = "\ufeff" if before.startswith("\ufeff") else ""
    return (mark + newline.join(lines_of(text))).encode(encoding)
