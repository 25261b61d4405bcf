"""Is a wrong result only the consequence of a fault that has cost its marks already?

The reference is run once more, with the submission's faulty functions in place of its own: they stay in the
submission's process, the grader carries arguments and results between the two. Who gets what the reference
makes of those functions has put them together rightly, and is not punished twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bpdoctor.grade import protocol
from bpdoctor.grade.compare import compare
from bpdoctor.grade.marks import Line
from bpdoctor.grade.remote import Failure, Reference, Remote

if TYPE_CHECKING:
    from bpdoctor.grade.checks.pair import Pair
    from bpdoctor.grade.subject import Subject

_VALUES = ("wrong", "sign", "scale", "zero", "rows", "transposed", "follows", "value-wrong")
Outcome = dict[str, Any]


def excused(check: Pair, subject: Subject, lines: Sequence[Line]) -> list[Line]:
    """Return the lines; those that are wrong only in consequence earn what the assignment gives for that."""
    lost = [f for f in subject.lost if f not in check.functions()]
    wrong = [line for line in lines if any(line.slug.endswith(v) for v in _VALUES)]
    if not lost or not wrong or not subject.credit.consequences:
        return list(lines)
    subject.begin()
    try:
        draws = [_both(check, subject, lost, seed) for seed in (subject.seed, f"{subject.seed}, again")]
    except Failure:
        return list(lines)
    return [_excused(check, subject, line, draws) if line in wrong else line for line in lines]


def _excused(check: Pair, subject: Subject, line: Line, draws: list[tuple[Outcome, Outcome]]) -> Line:
    """Right on both draws, and not by answering the same whatever the inputs are."""
    key = line.part
    expected = [reference.get(key) for _, reference in draws]
    arrays = [e for e in expected if isinstance(e, np.ndarray) and e.dtype.kind == "f" and np.isfinite(e).all()]
    if len(arrays) < 2 or arrays[0].shape != arrays[1].shape or not all(a.any() for a in arrays):
        return line
    moving = bool(compare(arrays[0], arrays[1], 1e-3, False).slug)
    same = all(
        not compare(own.get(key), e, check.tolerance, False).slug for (own, _), e in zip(draws, arrays, strict=True)
    )
    if not (moving and same):
        return line
    earned = max(line.points, round(subject.credit.consequences * line.most, 4))
    told = "wrong only because of a function that has lost its marks elsewhere"
    return replace(line, points=earned, slug="consequence", symptom=told, cause="")


def _both(check: Pair, subject: Subject, lost: list[str], seed: Any) -> tuple[Outcome, Outcome]:
    """Return what the submission gives, and what the reference gives with the submission's functions."""
    own = subject.remote()
    count = iter(range(10_000))

    def lender(name: str, given: list[Any]) -> Any:
        key = f"lent {next(count)}"
        if name not in lost:
            raise Failure("malformed", "the reference asks for what was not lent")
        return _portable(own.call(name, given, keep=key), Reference(key))

    reference = subject.reference()
    try:
        reference.borrow(lost, lender)
        return _outcome(check, own, seed), _outcome(check, reference, seed)
    finally:
        reference.close()


def _outcome(check: Pair, remote: Remote, seed: Any) -> Outcome:
    inputs, rng = check.drawn(seed)
    out = check.evaluate(remote, inputs)
    shape = np.shape(out) if isinstance(out, np.ndarray | float | int) else ()
    claims = check.claims(remote, inputs, out, check.cotangent(shape, rng))
    found = {part: claims.get(t) for t, (part, _) in zip(check.targets(), check.parts()[1:], strict=True)}
    return {"value": np.asarray(out, dtype=float) if isinstance(out, np.ndarray | float | int) else None, **found}


def _portable(value: Any, at: Reference) -> Any:
    """What cannot leave the submission becomes a reference to it."""
    if isinstance(value, protocol.Opaque):
        return at
    if isinstance(value, tuple):
        return tuple(_portable(v, Reference(at.key, (*at.steps, i))) for i, v in enumerate(value))
    if isinstance(value, dict):
        return {k: _portable(v, Reference(at.key, (*at.steps, k))) for k, v in value.items()}
    return value
