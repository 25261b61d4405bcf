"""`no-mutation`: a call that must leave its arguments as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from bpdoctor.grade import data, places, schema
from bpdoctor.grade.checks.check import Check, Fields
from bpdoctor.grade.checks.pair import inputs_known
from bpdoctor.grade.marks import Line
from bpdoctor.grade.remote import Failure

if TYPE_CHECKING:
    from bpdoctor.grade.subject import Subject


class Mutation(Check):
    """One line for each argument."""

    KIND = "no-mutation"
    FIELDS: ClassVar[Fields] = {
        "call": schema.text(),
        "inputs": schema.anything("a table of inputs", data.are_specs),
        "args": schema.words([]),
    }

    def problems(self) -> list[str]:
        """Every name must mean something."""
        return inputs_known(self, ["args"], ())

    def names(self) -> Sequence[str]:
        """The arguments."""
        return [f"{name} unchanged" for name in self._arguments()]

    def grade(self, subject: Subject) -> list[Line]:
        """Call, then look at the arguments that were given. A function that fails has left nothing as it was."""
        inputs = data.drawn(self.values["inputs"], data.generator(subject.seed, self.name))
        given = [places.argument(n, inputs, {}) for n in self._arguments()]
        try:
            remote = subject.remote()
            result = remote.call(self.values["call"], given)
            after = remote.get("arguments")
        except Failure as failure:
            return self.failed(failure)
        if result is None:
            text = "it returns nothing"
            return [
                self.line(p, most, 0.0, "missing", text, f"see `{self.values['call']}`") for p, most in self.parts()
            ]
        lines = []
        for index, (part, most) in enumerate(self.parts()):
            same = isinstance(after, tuple) and index < len(after) and _same(given[index], after[index])
            texts = () if same else ("it is changed in place", f"see `{self.values['call']}`", "work on a copy")
            lines.append(self.line(part, most, most if same else 0.0, "" if same else "mutated", *texts))
        return lines

    def _arguments(self) -> list[str]:
        return self.values["args"] or places.positional(self.values["inputs"])


def _same(before: Any, after: Any) -> bool:
    if isinstance(before, dict):
        return (
            isinstance(after, dict)
            and before.keys() == after.keys()
            and all(_same(before[k], after[k]) for k in before)
        )
    if isinstance(before, np.ndarray):
        return isinstance(after, np.ndarray) and before.dtype == after.dtype and np.array_equal(before, after)
    return type(before) is type(after) and bool(before == after)
