"""Prove an assignment before a class meets it: reference, starter and planted faults earn what they should."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bpdoctor.grade.assignment import Assignment
from bpdoctor.grade.grader import Grader
from bpdoctor.grade.host import Host
from bpdoctor.grade.marks import Grade
from bpdoctor.grade.planting import Plant, plants
from bpdoctor.grade.report.rubric import points, sections
from bpdoctor.grade.submissions import Submission


@dataclass(slots=True)
class Proof:
    """What was found. `problems` are reasons not to use the assignment as it is; `notes` are worth reading."""

    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def prove(assignment: Assignment, host: Host, most: int = 60) -> Proof:
    """Grade the reference, the starter and up to `most` planted faults."""
    proof = Proof()
    try:
        grader = Grader(assignment, host)
    except ValueError as problem:
        return Proof([str(problem)])
    proof.problems += grader.faults()
    if assignment.reference is None:
        proof.notes.append("no reference: nothing to prove the checks with")
        return proof
    source = assignment.reference.read_text(encoding="utf-8")
    grade = _graded(grader, assignment, source)
    if grade.score < grade.most:
        lost = "; ".join(f"{x.check} {x.part}: {x.symptom} {x.place}" for x in grade.lines if x.status != "passed")
        proof.problems.append(f"the reference earns {points(grade.score)} of {points(grade.most)}: {lost}")
    _starter(assignment, grader, proof)
    _planted(assignment, grader, source, most, proof)
    return proof


def _starter(assignment: Assignment, grader: Grader, proof: Proof) -> None:
    if assignment.starter is None:
        return
    grade = _graded(grader, assignment, assignment.starter.read_text(encoding="utf-8"))
    proof.notes.append(f"the unchanged starter earns {points(grade.score)} of {points(grade.most)}")
    if grade.score >= grade.most:
        proof.problems.append("the unchanged starter earns full marks")


def _planted(assignment: Assignment, grader: Grader, source: str, most: int, proof: Proof) -> None:
    called = {f: [c.name for c in assignment.checks if f in c.functions()] for f in _functions(assignment)}
    found = list(plants(source, called))
    step = max(1, -(-len(found) // most))
    tried = found[::step]
    noticed: dict[str, int] = {}
    for plant in tried:
        grade = _graded(grader, assignment, plant.source)
        lost = {s.name for s in sections(grade, "none", everything=True) if s.points < s.most}
        right = lost & set(called[plant.function])
        if right:
            noticed[plant.function] = noticed.get(plant.function, 0) + 1
        else:
            proof.notes.append(_unnoticed(plant, lost))
    proof.notes.append(f"{sum(noticed.values())} of {len(tried)} planted faults lose marks in the line that is theirs")
    for function in dict.fromkeys(p.function for p in tried):
        if not noticed.get(function):
            proof.problems.append(f"no planted fault in `{function}` loses marks in {' or '.join(called[function])}")


def _unnoticed(plant: Plant, lost: set[str]) -> str:
    where = f"only {', '.join(sorted(lost))}" if lost else "nothing"
    return f"`{plant.function}`, line {plant.line}: {plant.what} costs {where}"


def _functions(assignment: Assignment) -> Iterator[str]:
    for check in assignment.checks:
        yield from check.functions()


def _graded(grader: Grader, assignment: Assignment, source: str) -> Grade:
    return grader.grade(Submission("proof", assignment.entry, {assignment.entry: source.encode()}, "proof"))
