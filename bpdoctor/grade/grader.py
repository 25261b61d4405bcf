"""Grade one submission: every check asks its child, the marks are made here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bpdoctor.grade.assignment import Assignment
from bpdoctor.grade.checks.consequences import excused
from bpdoctor.grade.host import Host, Lost
from bpdoctor.grade.marks import OURS, Grade, Line, legible
from bpdoctor.grade.remote import Failure, Remote
from bpdoctor.grade.subject import Subject
from bpdoctor.grade.submissions import Submission

_SHOWN = 2000
EXAMINERS, COMPANIONS = 500, 1000
"""Their children have identities of their own, apart from those of the other hosts."""


class Grader:
    """An assignment with what its reference does; serves one submission at a time."""

    def __init__(self, assignment: Assignment, host: Host) -> None:
        self.assignment, self.host = assignment, host
        self._examiner: Host | None = None
        self._second: Host | None = None
        self.truths: Mapping[str, Any] = self._truths()

    def grade(self, submission: Submission) -> Grade:
        """Return the grade; whatever the submission does, there is one."""
        if submission.problem:
            return self.nothing(submission.problem)
        subject = self._subject(submission.entry, submission.files)
        try:
            lines = self._lines(subject)
            missing = [f"`{name}` is not defined" for name in self._missing(subject)]
        except Lost:
            raise
        except Exception as fault:  # ours: it must not stop the class, nor pass unseen
            return self.nothing(f"{OURS}: {type(fault).__name__}: {fault}, please report")
        finally:
            subject.discard()
        problem = "; ".join([subject.imported] * bool(subject.imported) + missing)
        flags = tuple(dict.fromkeys([*submission.flags, *subject.flags]))
        return Grade(tuple(lines), legible(problem), tuple(map(legible, flags)), subject.printed[:_SHOWN])

    def faults(self) -> list[str]:
        """Return where the reference contradicts itself."""
        return [f for truth in self.truths.values() for f in getattr(truth, "faults", ())]

    def examiner(self) -> Host:
        """Return the host of whole programs; it is started when the first one comes."""
        if self._examiner is None:
            self._examiner = Host(self.host.slot + EXAMINERS, self.host.at_most, whole=True)
        return self._examiner

    def close(self) -> None:
        """End what was started here."""
        for host in (self._examiner, self._second):
            if host is not None:
                host.close()

    # ---- parts

    def _lines(self, subject: Subject) -> list[Line]:
        lines: list[Line] = []
        for check in self.assignment.checks:
            subject.begin()
            try:
                marked = check.grade(subject)
            except Failure as failure:
                marked = check.failed(failure)
            marked = excused(check, subject, marked) if check.excusable else marked
            if any(line.status != "passed" for line in marked) and not check.values.get("class"):
                subject.lost += [f for f in check.functions() if f not in subject.lost]
            lines += marked
        return lines

    def _missing(self, subject: Subject) -> list[str]:
        names = list(self.assignment.required)
        try:
            return (
                [n for n, there in zip(names, subject.remote().has(names), strict=True) if not there] if names else []
            )
        except Failure:
            return []

    def nothing(self, problem: str) -> Grade:
        """Return a grade without points, and why."""
        lines = [
            check.line(part, most, 0.0, "ungradable", problem)
            for check in self.assignment.checks
            for part, most in check.parts()
        ]
        return Grade(tuple(lines), legible(problem))

    def _subject(self, entry: str, files: Mapping[str, bytes]) -> Subject:
        a = self.assignment
        truths = getattr(self, "truths", {})
        return Subject(self.host, entry, files, a.seed, a.allowance, a.credit, truths, self.examiner, self._companion)

    def _companion(self) -> Remote:
        """Start the reference beside a submission, to lend it functions."""
        path = self.assignment.reference
        if path is None:
            raise Failure("ended", "there is no reference")
        if self._second is None:
            self._second = Host(self.host.slot + COMPANIONS, self.host.at_most)
        subject = Subject(self._second, "reference.py", {"reference.py": path.read_bytes()}, self.assignment.seed,
                          self.assignment.allowance, self.assignment.credit)  # fmt: skip
        return subject.remote()

    def _truths(self) -> dict[str, Any]:
        """Ask the reference, once; it runs confined like everyone."""
        path = self.assignment.reference
        if path is None:
            return {}
        subject = self._subject("reference.py", {"reference.py": path.read_bytes()})
        checks = {c.name: c for c in self.assignment.checks}
        found: dict[str, Any] = {}
        name = ""
        try:
            for name in (c.name for c in self.assignment.checks if c.needs_reference):
                found[name] = checks[name].observe(subject.remote(), self.assignment.seed)
            return found
        except Failure as failure:
            at = f", line {failure.line}" if failure.line else ""
            raise ValueError(f"check `{name}`: the reference fails{at}: {failure.text}") from None
        finally:
            subject.discard()
