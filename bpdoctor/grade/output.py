"""What a child prints, up to a cap, and the trace that it leaves when it is asked where it hangs."""

from __future__ import annotations

import contextlib
import os
import re
import select
import time

_FLOOD = 64
_FRAME = re.compile(r'File "([^"]*)", line (\d+) in (\S+)')

# Their names are others in every run.
_OURS = re.compile(r"/[^\s\"']*/bpdoctor-grade-[^\s/\"']+/(?:work/)?")


class Output:
    """Two pipes: the printed text and the trace."""

    def __init__(self, cap: int) -> None:
        self.reader, self.writer = os.pipe()
        self.trace_reader, self.trace_writer = os.pipe()
        for fd in (self.reader, self.trace_reader):
            os.set_blocking(fd, False)
        self.cap, self.seen, self.open = cap, 0, True
        self._parts: list[bytes] = []
        self._kept = 0

    @property
    def flooded(self) -> bool:
        """Say whether far more was printed than is kept."""
        return self.seen > _FLOOD * self.cap

    @property
    def text(self) -> str:
        """Return what was printed, up to the cap; of paths in our own folders only what is the student's."""
        return _OURS.sub("", b"".join(self._parts).decode("utf-8", "replace"))

    def handed(self) -> None:
        """Close the ends that belong to the child."""
        os.close(self.writer)
        os.close(self.trace_writer)

    def drain(self) -> None:
        """Read what is there; beyond the cap it is only counted."""
        with contextlib.suppress(BlockingIOError):
            part = os.read(self.reader, 1 << 16)
            self.open = bool(part)
            self.seen += len(part)
            part = part[: max(self.cap - self._kept, 0)]
            if part:
                self._parts.append(part)
                self._kept += len(part)

    def place(self, folder: str, deadline: float) -> tuple[int, str]:
        """Return the innermost line of the submission in the trace, 0 where none arrives in time."""
        trace = b""
        while (left := deadline - time.monotonic()) > 0 and not trace.endswith(b"<module>\n"):
            if not select.select([self.trace_reader], [], [], left)[0]:
                break
            part = os.read(self.trace_reader, 1 << 16)
            if not part:
                break
            trace += part
            if len(trace) > 1 << 16 or b"in serve" in trace:
                break
        for file, line, function in _FRAME.findall(trace.decode("utf-8", "replace")):
            if file.startswith(folder):
                return int(line), function[:80]
        return 0, ""

    def close(self) -> None:
        """Read the rest, without waiting, and close."""
        for _ in range(64):
            before = self.seen
            self.drain()
            if self.seen == before or not self.open:
                break
        os.close(self.reader)
        os.close(self.trace_reader)
