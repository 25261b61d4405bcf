"""`value`: a function that must return what the reference returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from bpdoctor.grade import data, places, schema
from bpdoctor.grade.checks.check import Fields
from bpdoctor.grade.checks.pair import Pair, inputs_known
from bpdoctor.grade.protocol import Array
from bpdoctor.grade.remote import Remote


class Value(Pair):
    """One line: the value."""

    KIND = "value"
    FORWARD_SHARE = 1.0
    needs_reference = True
    FIELDS: ClassVar[Fields] = {
        "call": schema.text(),
        "inputs": schema.anything("a table of inputs", data.are_specs),
        "args": schema.words([]),
    }

    def problems(self) -> list[str]:
        """Every name must mean something."""
        return inputs_known(self, ["args"], ())

    def parts(self) -> list[tuple[str, float]]:
        """All points for the value."""
        return [("value", self.points)]

    def targets(self) -> list[str]:
        """Nothing is differentiated."""
        return []

    def place(self) -> str:
        """Name the function."""
        return f"see `{self.values['call']}`"

    def evaluate(self, remote: Remote, inputs: Mapping[str, Any]) -> Any:
        """Call it."""
        names = self.values["args"] or places.positional(inputs)
        return remote.call(self.values["call"], [places.argument(n, inputs, {}) for n in names])

    def claims(self, remote: Remote, inputs: Mapping[str, Any], out: Any, cotangent: Array) -> dict[str, Any]:
        """Nothing is claimed."""
        return {}
