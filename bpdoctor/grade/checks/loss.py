"""`loss`: a loss and the function that returns its derivative."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from bpdoctor.grade import data, places, schema
from bpdoctor.grade.checks.check import Fields
from bpdoctor.grade.checks.pair import Pair, inputs_known
from bpdoctor.grade.protocol import Array
from bpdoctor.grade.remote import Remote


class Loss(Pair):
    """The value of a loss and its derivative for the predictions."""

    KIND = "loss"
    needs_reference = True
    FIELDS: ClassVar[Fields] = {
        "function": schema.text(),
        "derivative": schema.text(),
        "inputs": schema.anything("a table of inputs", data.are_specs),
        "args": schema.words([]),
        "of": schema.text(),
    }

    def problems(self) -> list[str]:
        """The predictions must be among the inputs."""
        strange = [] if self.values["of"] in self.specs() else [f"`of`: `{self.values['of']}` is no input"]
        return strange + inputs_known(self, ["args"], ())

    def targets(self) -> list[str]:
        """The predictions."""
        return [self.values["of"]]

    def place(self) -> str:
        """Name the functions."""
        return f"see `{self.values['function']}` and `{self.values['derivative']}`"

    def cotangent(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        """A loss is differentiated by itself; one loss a sample, all of them at once."""
        return np.ones(shape)

    def evaluate(self, remote: Remote, inputs: Mapping[str, Any]) -> Any:
        """Call the loss."""
        return remote.call(self.values["function"], self._args(inputs), keep="forward")

    def claims(self, remote: Remote, inputs: Mapping[str, Any], out: Any, cotangent: Array) -> dict[str, Any]:
        """Call its derivative with the same arguments."""
        return {self.values["of"]: remote.call(self.values["derivative"], self._args(inputs))}

    def _args(self, inputs: Mapping[str, Any]) -> list[Any]:
        names = self.values["args"] or places.positional(inputs)
        return [places.argument(n, inputs, {}) for n in names]
