"""`trains`: training must reach a bound on data that the submission has not seen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from bpdoctor.grade import data, schema
from bpdoctor.grade.checks import owner
from bpdoctor.grade.checks.check import Check, Fields
from bpdoctor.grade.compare import whole
from bpdoctor.grade.marks import Line
from bpdoctor.grade.protocol import Array
from bpdoctor.grade.remote import Failure, Reference, Remote

if TYPE_CHECKING:
    from bpdoctor.grade.subject import Subject

_KNOWN = ("X", "y", "result")


class Trains(Check):
    """Train, predict on held-out inputs, and measure here."""

    KIND = "trains"
    FIELDS: ClassVar[Fields] = {
        "call": schema.text(),
        "predict": schema.text(),
        "class": schema.text(""),
        "create": schema.anything("a list of numbers, shapes or tables with shape and kind", data.are_arguments, []),
        "args": schema.anything("a list of X, y and numbers", lambda v: isinstance(v, list), ["X", "y"]),
        "predict_args": schema.words([]),
        "data": schema.text("moons"),
        "samples": schema.whole(120, least=8),
        "labels": schema.choice("flat", "column", "onehot", default="flat"),
        "accuracy": schema.number(0.9, most=1.0),
    }

    def problems(self) -> list[str]:
        """Words among the arguments must mean something, and the data must be there."""
        given = [*self.values["args"], *self.values["predict_args"]]
        strange = [a for a in given if isinstance(a, str) and a not in _KNOWN]
        found = [f"`args`: `{a}` is none of {', '.join(_KNOWN)}" for a in strange]
        for file in self.files():
            try:
                data.table(file)
            except (OSError, ValueError) as problem:
                tasks = ", ".join(data.TASKS)
                found.append(f"`data`: neither one of {tasks} nor a table of numbers, a label at the end: {problem}")
        return found

    def files(self) -> list[Path]:
        """The table of points, where one is given."""
        return [] if self.values["data"] in data.TASKS else [self.values["folder"] / self.values["data"]]

    def _points(self, seed: int) -> tuple[Array, Array, Array, Array]:
        """Return what is shown and what is held out; a given table is halved."""
        rng = data.generator(seed, self.name)
        if self.values["data"] in data.TASKS:
            count = self.values["samples"]
            return *data.points(self.values["data"], count, rng), *data.points(self.values["data"], count, rng)
        inputs, labels = data.table(self.files()[0])
        order, half = rng.permutation(len(labels)), len(labels) // 2
        shown, held = order[:half], order[half:]
        return inputs[shown], labels[shown], inputs[held], labels[held]

    def grade(self, subject: Subject) -> list[Line]:
        """The labels of the held-out data never leave the grader."""
        [(part, most)] = self.parts()
        inputs, labels, held, truth = self._points(subject.seed)
        try:
            predicted = self._predicted(subject.remote(), inputs, labels, held)
        except Failure as failure:
            return self.failed(failure)
        reached = _accuracy(predicted, truth)
        place = f"see `{self.values['call']}` and `{self.values['predict']}`"
        if reached is None:
            return [self.line(part, most, 0.0, "missing", "the predictions are no labels or probabilities", place)]
        if reached < self.values["accuracy"]:
            symptom = f"on data it has not seen {reached:.0%} are right; {self.values['accuracy']:.0%} are needed"
            return [self.line(part, most, 0.0, "does-not-train", symptom, place)]
        return [self.line(part, most, most)]

    def _predicted(self, remote: Remote, inputs: Array, labels: Array, held: Array) -> Any:
        key = owner.create(remote, self.values)
        shown = labels.astype(float)[:, None] if self.values["labels"] == "column" else labels
        shown = np.eye(labels.max() + 1)[labels] if self.values["labels"] == "onehot" else shown
        known = {"X": inputs, "y": shown, "result": Reference("trained")}
        remote.call(self.values["call"], [known.get(a, a) for a in self._args("args")], of=key, keep="trained")
        known["X"] = held
        names = self.values["predict_args"] or (["X"] if key else ["result", "X"])
        return remote.call(self.values["predict"], [known[n] for n in names], of=key)

    def _args(self, field: str) -> list[Any]:
        return [a if isinstance(a, str) else data.draw(a, data.generator(0)) for a in self.values[field]]


def _accuracy(predicted: Any, truth: Array) -> float | None:
    """Labels, one probability, or one column a class."""
    predicted = whole(predicted)
    if not isinstance(predicted, np.ndarray) or predicted.dtype.kind not in "biuf":
        return None
    values = predicted.astype(float)
    if values.shape[:1] != truth.shape or values.ndim > 2 or not np.isfinite(values).all():
        return None
    classes = int(truth.max()) + 1
    if values.ndim == 2 and values.shape[1] == classes:
        return float(np.mean(values.argmax(1) == truth))
    if values.ndim == 2 and values.shape[1] != 1:
        return None
    values = values.reshape(len(truth))
    return float(np.mean((values > 0.5) == (truth > 0.5) if classes == 2 else values == truth))
