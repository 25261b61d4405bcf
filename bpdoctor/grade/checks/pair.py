"""A function and what is claimed to be its gradient: the common part of layers, losses and derivatives."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bpdoctor.grade import data, places
from bpdoctor.grade.checks.check import Check
from bpdoctor.grade.compare import TEXTS, compare, whole
from bpdoctor.grade.marks import Line, shares
from bpdoctor.grade.protocol import Array
from bpdoctor.grade.remote import Failure, Remote
from bpdoctor.grade.slopes import slopes
from bpdoctor.model.record import record

if TYPE_CHECKING:
    from bpdoctor.grade.subject import Subject

_MEASURED = 1e-5
"""Central differences are not trusted beyond this."""
_NEAR = 0.5
"""The least cosine between what a submission computes and what is asked for, where its own gradient earns a share."""


@record
class Truth:
    """What the reference does with the inputs. `faults` says where it contradicts itself."""

    out: Array
    gradients: dict[str, Array]
    faults: tuple[str, ...]


class Pair(Check):
    """A check of a function together with its gradient."""

    FORWARD_SHARE = 0.25

    # ---- what a kind says

    @abstractmethod
    def evaluate(self, remote: Remote, inputs: Mapping[str, Any]) -> Any:
        """Return the function's output."""

    @abstractmethod
    def claims(self, remote: Remote, inputs: Mapping[str, Any], out: Any, cotangent: Array) -> dict[str, Any]:
        """Return what the submission says the gradients are."""

    @abstractmethod
    def targets(self) -> list[str]:
        """Return the inputs whose gradients are claimed."""

    def specs(self) -> dict[str, Any]:
        """Return how the inputs are drawn."""
        specs: dict[str, Any] = self.values["inputs"]
        return specs

    def cotangent(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        """Return the gradient from above."""
        return rng.standard_normal(shape)

    def place(self) -> str:
        """Return whose gradient it is, for the student."""
        return ""

    # ---- the rubric

    def names(self) -> Sequence[str]:
        """One line for the value, one for each gradient."""
        return ["value", *(f"gradient of {t}" for t in self.targets())]

    def parts(self) -> list[tuple[str, float]]:
        """The value has a share, the rest is divided evenly."""
        share = round(self.FORWARD_SHARE * self.points, 4)
        rest = shares(self.points - share, len(self.targets()))
        return [("value", share), *((f"gradient of {t}", p) for t, p in zip(self.targets(), rest, strict=True))]

    # ---- the truth

    def drawn(self, seed: Any) -> tuple[dict[str, Any], np.random.Generator]:
        """Return the inputs: the same for everyone, unknown to a submission until it is asked."""
        rng = data.generator(seed, self.name)
        return data.drawn(self.specs(), rng), rng

    def observe(self, remote: Remote, seed: int) -> Truth:
        """Return the truth according to the reference; its gradients are proved by differences first."""
        inputs, rng = self.drawn(seed)
        out = _array(self.evaluate(remote, inputs))
        if out is None:
            raise Failure("raised", f"the reference returns no number for {self.name}")
        cotangent = self.cotangent(out.shape, rng)
        claimed = self.claims(remote, inputs, out, cotangent)
        measured = self.measured(remote, inputs, cotangent, rng)
        faults, gradients = [], {}
        for target, truth in measured.items():
            verdict = compare(claimed.get(target), truth, max(self.tolerance, _MEASURED), False)
            gradients[target] = np.asarray(claimed[target], dtype=float) if not verdict.slug else truth
            if verdict.slug:
                faults.append(f"{self.name}: the reference's gradient of {target}: {TEXTS[verdict.slug][0]}")
        return Truth(out, gradients, tuple(faults))

    def measured(
        self, remote: Remote, inputs: Mapping[str, Any], cotangent: Array, rng: np.random.Generator
    ) -> dict[str, Array]:
        """Return the gradients by central differences of the function itself."""

        def scalar(moved: dict[str, Any]) -> float:
            out = _array(self.evaluate(remote, moved))
            if out is None or out.shape != cotangent.shape:
                raise Failure("raised", "the result changes its shape")
            return float(np.sum(out * cotangent))

        return slopes(scalar, inputs, self.targets(), rng)

    # ---- the marks

    def grade(self, subject: Subject) -> list[Line]:
        """Compare value and gradients with the reference's."""
        truth: Truth = subject.truth(self)
        (value, most), *rest = self.parts()
        inputs, rng = self.drawn(subject.seed)
        try:
            remote = subject.remote()
            out = self.evaluate(remote, inputs)
        except Failure as failure:
            return self.failed(failure)
        verdict = compare(out, truth.out, self.tolerance, False)
        # The value is no gradient: only what is seen of it can be told.
        symptom = {"wrong-shape": "the value has another shape", "missing": "no number is returned",
                   "not-finite": "the value is not finite"}.get(verdict.slug, "the value is wrong")  # fmt: skip
        first = self.line(value, most, 0.0 if verdict.slug else most, verdict.slug and f"value-{verdict.slug}",
                          symptom if verdict.slug else "", self.place() if verdict.slug else "")  # fmt: skip
        cotangent = self.cotangent(truth.out.shape, rng)
        try:
            claimed = self.claims(remote, inputs, out, cotangent)
        except Failure as failure:
            return [first, *self.failed(failure, rest)]
        own = self._own(subject, inputs, out, cotangent, rng) if verdict.slug and _alike(out, truth.out) else None
        lines = []
        for target, (part, points) in zip(self.targets(), rest, strict=True):
            lines.append(self._judged(subject, part, points, claimed.get(target), truth.gradients[target], own, target))
        return [first, *lines]

    def _own(
        self, subject: Subject, inputs: Mapping[str, Any], out: Any, cotangent: Array, rng: np.random.Generator
    ) -> dict[str, Array] | None:
        """A wrong function has a true gradient too: who differentiates it rightly is not punished twice."""
        value = _array(out)
        if value is None or value.shape != cotangent.shape or not subject.credit.follow_through:
            return None
        subject.begin()
        try:
            return self.measured(subject.remote(), inputs, cotangent, rng)
        except Failure:
            return None

    def _judged(
        self, subject: Subject, part: str, most: float, claimed: Any, truth: Array,
        own: dict[str, Array] | None, target: str,
    ) -> Line:  # fmt: skip
        verdict = compare(claimed, truth, self.tolerance, True)
        if not verdict.slug:
            if verdict.near and not subject.single:
                subject.flag("finite differences instead of backpropagation", f"{self.name}: {part}")
            return self.line(part, most, most)
        if own is not None and _follows(claimed, own[target], truth):
            earned = subject.credit.follow_through * most
            return self.line(
                part, most, earned, "follows", "right for your function, which is itself wrong", self.place()
            )
        earned = subject.credit.scale * most if verdict.slug == "scale" else 0.0
        symptom, cause = TEXTS[verdict.slug]
        return self.line(part, most, earned, verdict.slug, symptom, self.place(), cause)


def _array(value: Any) -> Array | None:
    value = whole(value)
    if isinstance(value, bool) or not isinstance(value, np.ndarray | int | float):
        return None
    array = np.asarray(value)
    return array.astype(float) if array.dtype.kind in "iuf" and np.isfinite(array).all() else None


def _follows(claimed: Any, own: Array, truth: Array) -> bool:
    """Say whether it is the gradient of the submission's own function, and that one is near what was asked for."""
    known = ~np.isnan(own) & ~np.isnan(truth)
    near = _cosine(own[known], truth[known]) >= _NEAR
    return near and _varied(own) and not compare(claimed, own, _MEASURED, False).slug


def _alike(out: Any, truth: Array) -> bool:
    """Say whether a wrong value goes up and down with the right one; one made up to be easy does not."""
    value = _array(out)
    if value is None or value.shape != truth.shape:
        return False
    return truth.size < 4 or _cosine(value - value.mean(), truth - truth.mean()) >= _NEAR


def _cosine(a: Array, b: Array) -> float:
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return abs(float(np.sum(a * b))) / size if size and np.isfinite(size) else 0.0


def _varied(slopes: Array) -> bool:
    """A gradient of zeros and ones is that of a function that does nothing: it earns nothing."""
    known = slopes[~np.isnan(slopes)]
    return known.size > 0 and len(np.unique(np.round(np.abs(known), 6))) > 2


def inputs_known(check: Check, fields: Sequence[str], known: tuple[str, ...]) -> list[str]:
    """Return what is wrong with the argument lists of a check."""
    inputs = check.values["inputs"]
    return [
        f"`{field}`: `{name}` is no input" + (f" and none of {', '.join(known)}" if known else "")
        for field in fields
        for name in check.values[field] or []
        if not places.arguable(name, inputs, known)
    ]
