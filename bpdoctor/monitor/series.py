"""A history in constant memory: when it is full, every second entry goes and the distance between entries doubles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Entry = TypeVar("Entry")
MOST = 256


@dataclass(slots=True)
class Series(Generic[Entry]):
    """Entries at about equal distances over all that was ever added.

    Examples
    --------
    >>> series = Series(most=4)
    >>> for k in range(10):
    ...     series.add(k)
    >>> list(series), series.last
    ([0, 4, 8], 9)
    """

    most: int = MOST
    kept: list[Entry] = field(default_factory=list)
    last: Entry | None = None
    stride: int = 1
    seen: int = 0

    def add(self, entry: Entry) -> None:
        """Add an entry; it is kept where its turn has come."""
        if self.seen % self.stride == 0:
            if len(self.kept) >= self.most:
                self.kept = self.kept[::2]
                self.stride *= 2
            if self.seen % self.stride == 0:
                self.kept.append(entry)
        self.seen += 1
        self.last = entry

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.kept)

    def __len__(self) -> int:
        return len(self.kept)
