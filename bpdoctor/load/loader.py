"""What a loader is."""

from __future__ import annotations

from collections.abc import Callable

from bpdoctor.load.unreadable import Unreadable
from bpdoctor.model.record import record
from bpdoctor.model.source import Source


@record
class Loader:
    """A kind of file; a module of `bpdoctor.load` with one of these as LOADER is found by itself.

    Attributes
    ----------
    suffix : str
        The files it reads; the empty one stands for all that no other loader reads.
    opened : callable
        Bytes to what the user wrote, and what was done to read it.
    translated : callable
        ``(path, written)`` to Python that can be run.
    saved : callable
        ``(data, written)`` to the bytes of the file with the text changed, in its own encoding and form.
    """

    suffix: str
    opened: Callable[[bytes], tuple[str, tuple[str, ...]]]
    translated: Callable[[str, str], Source | Unreadable]
    saved: Callable[[bytes, str], bytes]
