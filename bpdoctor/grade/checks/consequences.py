"""Is a wrong result only the consequence of a fault that has cost its marks already?

The check is made once more, with the reference's functions in the place of those that lost their marks: they
stay in the reference's process, the grader carries arguments and results between the two. What is right then was
put together rightly, and is not punished twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bpdoctor.grade.marks import Line
from bpdoctor.grade.remote import Failure

if TYPE_CHECKING:
    from bpdoctor.grade.checks.check import Check
    from bpdoctor.grade.subject import Subject


def excused(check: Check, subject: Subject, lines: Sequence[Line]) -> list[Line]:
    """Return the lines; those that are wrong only in consequence earn what the assignment gives for that."""
    lost = [name for name in subject.lost if name not in check.functions()]
    wrong = any(line.status != "passed" for line in lines)
    if not (lost and wrong and subject.credit.consequences) or subject.broken:
        return list(lines)
    helped = subject.helped(lost)
    try:
        again = check.grade(helped)
    except Failure:
        return list(lines)
    finally:
        helped.discard()
        subject.used += helped.used
    # Of the second attempt only the points are used: what it prints or raises could tell what the reference answers.
    return [_excused(line, other, subject.credit.consequences) for line, other in zip(lines, again, strict=True)]


def _excused(line: Line, helped: Line, credit: float) -> Line:
    earned = round(credit * helped.points, 4)
    if earned <= line.points:
        return line
    told = "wrong only because of a function that has lost its marks elsewhere"
    return replace(line, points=earned, slug="consequence", symptom=told, cause="")
