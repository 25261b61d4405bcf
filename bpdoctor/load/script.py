"""Python files."""

from __future__ import annotations

from bpdoctor.load import python2
from bpdoctor.load.encoding import decoded, encoded
from bpdoctor.load.loader import Loader
from bpdoctor.load.python3 import Reading, in_python3, unreadable
from bpdoctor.load.unreadable import Unreadable
from bpdoctor.model.source import Source


def translated(path: str, written: str) -> Source | Unreadable:
    """Python 3 for a file's text, or what is wrong with it."""
    try:
        reading = in_python3(written)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return unreadable(path, written, error)
    return source_of(path, written, reading)


def source_of(path: str, written: str, reading: Reading, kind: str = "script") -> Source:
    """The source for a text that was read."""
    floors = reading.python2 and python2.floors(written)
    notes = (*reading.notes, python2.FLOORS) if floors else reading.notes
    return Source(path, reading.text, written, kind, notes, reading.python2, floors)


LOADER = Loader("", decoded, translated, encoded)
