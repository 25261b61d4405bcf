"""`script`: the whole program is run and examined as `bpdoctor check` does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from bpdoctor.grade import plain, schema
from bpdoctor.grade.checks.check import Check, Fields
from bpdoctor.grade.marks import Line
from bpdoctor.grade.remote import Failure

if TYPE_CHECKING:
    from bpdoctor.grade.subject import Subject


class Script(Check):
    """A cause costs once, however many gradients are wrong in consequence."""

    KIND = "script"
    excusable = False
    FIELDS: ClassVar[Fields] = {
        "seconds": schema.number(20.0, least=1, most=600),
        "cost": schema.number(0.25, most=1.0),
        "parameters": schema.whole(1, least=1),
        "rules": schema.words([]),
    }

    def grade(self, subject: Subject) -> list[Line]:
        """Take the cost of each cause off, down to the share of gradients that are right all the same."""
        [(part, most)] = self.parts()
        strange = _strange(subject.files)
        if strange:
            told = "a person has to look at this program: it uses what a solution has no need of"
            subject.flag("held for a person", "; ".join(strange))
            return [self.line(part, most, 0.0, "held", told, ", ".join(strange))]
        try:
            report = subject.examined(self.values["seconds"])
        except Failure as failure:
            return self.failed(failure)
        return [self._marked(subject, part, most, report)]

    def _marked(self, subject: Subject, part: str, most: float, report: Any) -> Line:
        gradients, findings = _lists(report)
        if not gradients or report.get("verdict") == "inconclusive":
            reason = str(report.get("reason") or "no gradient was found in it") if isinstance(report, dict) else ""
            subject.flag("could not be examined", reason)
            return self.line(part, most, 0.0, "inconclusive", "the program could not be examined", reason)
        if len(gradients) < self.values["parameters"]:
            told = f"{len(gradients)} trained parameters were found, {self.values['parameters']} are needed"
            return self.line(part, most, 0.0, "parameters", told)
        causes = [f for f in findings if f[1] == "error" or f[0] in self.values["rules"]]
        right = sum(status == "ok" for _, status in gradients) / len(gradients)
        if not causes and right == 1.0:
            return self.line(part, most, most)
        share = max(1.0 - self.values["cost"] * max(len(causes), 1), right if right < 1 else 0.0)
        told = "the gradients are right, but not what becomes of them"
        symptom = told if right == 1.0 else f"{round(right * len(gradients))} of {len(gradients)} gradients are right"
        place = ", ".join(dict.fromkeys(f"line {f[3]}" for f in causes if f[3]))
        return self.line(part, most, share * most, causes[0][0] if causes else "wrong-gradient", symptom,
                         place, "; ".join(str(f[2]) for f in causes))  # fmt: skip


def _strange(files: Mapping[str, bytes]) -> list[str]:
    """Look at every file that the program could import, each by itself: one that is broken must not hide another."""
    programs = {n.removesuffix(".py").replace("/", "."): c for n, c in files.items() if n.endswith(".py")}
    return [reason for content in programs.values() for reason in plain.reasons(content, programs)]


def _lists(report: Any) -> tuple[list[Any], list[Any]]:
    """Read the lists of a report; what has not their form is left out."""
    if not isinstance(report, dict):
        return [], []
    gradients = [g for g in report.get("gradients") or () if isinstance(g, tuple) and len(g) == 2]
    findings = [f for f in report.get("findings") or () if isinstance(f, tuple) and len(f) == 4]
    return gradients, findings
