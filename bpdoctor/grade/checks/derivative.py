"""`derivative`: a function of one array, entry by entry, and its derivative."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from bpdoctor.grade import data, schema
from bpdoctor.grade.checks.check import Fields
from bpdoctor.grade.checks.pair import Pair
from bpdoctor.grade.protocol import Array
from bpdoctor.grade.remote import Reference, Remote


class Derivative(Pair):
    """An activation and its slope."""

    KIND = "derivative"
    needs_reference = True
    FIELDS: ClassVar[Fields] = {
        "function": schema.text(),
        "derivative": schema.text(),
        "input": schema.anything("a shape or a table with a shape", data.is_spec, [4, 5]),
        "of": schema.choice("input", "output", default="input"),
    }

    def specs(self) -> dict[str, Any]:
        """One input."""
        return {"z": self.values["input"]}

    def targets(self) -> list[str]:
        """One gradient."""
        return ["z"]

    def names(self) -> list[str]:
        """Name the lines by what they are."""
        return ["value", "derivative"]

    def parts(self) -> list[tuple[str, float]]:
        """Two lines."""
        return list(zip(self.names(), (p for _, p in super().parts()), strict=True))

    def place(self) -> str:
        """Name the functions."""
        return f"see `{self.values['function']}` and `{self.values['derivative']}`"

    def cotangent(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        """Entries do not mix: with ones the gradient is the derivative."""
        return np.ones(shape)

    def evaluate(self, remote: Remote, inputs: Mapping[str, Any]) -> Any:
        """Call the function."""
        return remote.call(self.values["function"], [inputs["z"]], keep="forward")

    def claims(self, remote: Remote, inputs: Mapping[str, Any], out: Any, cotangent: Array) -> dict[str, Any]:
        """Call the derivative."""
        given = inputs["z"] if self.values["of"] == "input" else Reference("forward")
        return {"z": remote.call(self.values["derivative"], [given])}
