"""One submission under examination: its child, started again after it has died, and its flags."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bpdoctor.grade import folders, protocol
from bpdoctor.grade.assignment import Credit
from bpdoctor.grade.checks import Check
from bpdoctor.grade.host import Host
from bpdoctor.grade.remote import Allowance, Failure, Raised, Reference, Remote, start

_STARTS = 12
_CALLS = 4000
"""So often may functions of the reference be asked; a number, unlike a time, is the same on every machine."""


@dataclass(slots=True)
class Subject:
    """A program to ask. `truths` holds what the reference does, by check."""

    host: Host
    entry: str
    files: Mapping[str, bytes]
    seed: int
    allowance: Allowance
    credit: Credit
    truths: Mapping[str, Any] = field(default_factory=dict)
    examiner: Callable[[], Host] | None = None
    companion: Callable[[], Remote] | None = None
    lost: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    printed: str = ""
    imported: str = ""
    used: float = 0.0
    lent: tuple[str, ...] = ()
    broken: Failure | None = None
    timed: bool = False
    _remote: Remote | None = None
    _starts: int = 0
    _helper: Remote | None = None
    _calls: int = 0

    def remote(self) -> Remote:
        """Return a child that has imported the submission.

        Raises
        ------
        Failure
            When it cannot be imported; an import that failed once is not tried again.
        """
        if self.broken is not None:
            raise self.broken
        if self.used + (self._remote.used if self._remote else 0.0) >= self.allowance.total:
            raise Failure("time", f"all its {self.allowance.total} s are used up")
        if self._remote is not None and self._remote.alive:
            return self._remote
        self.close()
        self._starts += 1
        try:
            if self._starts > _STARTS:
                raise Failure("ended", "the program ended too often")
            remote = self._remote = start(self.host, self._folder(self.host), self.entry, self.seed, self.allowance)
            remote.begin()
            remote.load()
        except Raised as raised:
            # What was defined before can be graded all the same.
            at = f", line {raised.line}" if raised.line else ""
            self.imported = f"the program stops while it is imported{at}: {raised.text}"
        except Failure as failure:
            text = f"while it was imported: {failure.text}"
            self.broken = Failure(failure.slug, text, failure.line, failure.function)
            raise self.broken from None
        if self.lent:
            remote.borrow(list(self.lent), self._lend)
        if self.timed:
            remote.begin()
        else:
            remote.leave()
        return remote

    def begin(self) -> None:
        """Begin a check, with a budget of its own."""
        self.timed = True
        if self._remote is not None and self._remote.alive:
            self._remote.begin()

    def helped(self, lost: list[str]) -> Subject:
        """Return the same submission with the reference's functions in the place of some of its own."""
        self.close()
        return Subject(
            self.host, self.entry, self.files, self.seed, self.allowance, self.credit, self.truths,
            companion=self.companion, lent=tuple(lost), timed=True,
        )  # fmt: skip

    def _lend(self, name: str, given: list[Any]) -> Any:
        """Answer for a function of the reference; what cannot leave its process becomes a reference to it."""
        self._calls += 1
        if name not in self.lent or self.companion is None or self._calls > _CALLS:
            raise Failure("malformed", "the program asks for what was not lent, or without end")
        if self._helper is None:
            self._helper = self.companion()
        key = f"lent {self._calls}"
        return protocol.portable(self._helper.call(name, given, keep=key), Reference(key))

    def examined(self, seconds: float) -> Any:
        """Run the whole program under observation, in a child of its own."""
        if self.examiner is None:
            raise Failure("ended", "whole programs are not examined here")
        self.close()
        host = self.examiner()
        allowance = replace(self.allowance, seconds=3 * seconds, total=int(8 * seconds) + 5)
        remote = start(host, self._folder(host), self.entry, self.seed, allowance)
        try:
            return remote.examine(seconds)
        finally:
            remote.close()
            self.printed = self.printed or remote.output.text
            folders.remove(str(Path(host.root, "work")))

    @property
    def single(self) -> bool:
        """Whether it computes in single precision, as far as its text tells: that errs as differences do."""
        return any(b"float32" in content for content in self.files.values())

    def truth(self, check: Check) -> Any:
        """Return what the reference does."""
        return self.truths[check.name]

    def flag(self, what: str, where: str) -> None:
        """Note something for the instructor's eyes."""
        self.flags.append(f"{what} ({where})")

    def close(self) -> None:
        """End the child."""
        if self._remote is not None:
            self._remote.close()
            self.used += self._remote.used
            self.printed = self.printed or self._remote.output.text
            self._remote = None
        if self._helper is not None:
            self._helper.close()
            self._helper = None

    def _folder(self, host: Host) -> str:
        """Return a fresh folder with the submission's files."""
        folder = host.folder("work")
        for name, content in self.files.items():
            path = Path(folder, *name.split("/"))
            for parent in reversed(path.relative_to(folder).parents[:-1]):
                (Path(folder) / parent).mkdir(exist_ok=True)
                host.give(str(Path(folder) / parent))
            path.write_bytes(content)
            host.give(str(path))
        return folder

    def discard(self) -> None:
        """End the child and remove its files."""
        self.close()
        folders.remove(str(Path(self.host.root, "work")))
