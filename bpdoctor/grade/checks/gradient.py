"""`gradient`: one call that returns a loss and the gradients of its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from bpdoctor.grade import places, schema
from bpdoctor.grade.checks.check import Fields
from bpdoctor.grade.checks.layer import Layer
from bpdoctor.grade.checks.pair import inputs_known
from bpdoctor.grade.protocol import Array
from bpdoctor.grade.remote import Remote


class Gradient(Layer):
    """The loss against the reference, each parameter's gradient against the true one."""

    KIND = "gradient"
    FIELDS: ClassVar[Fields] = {
        **{k: v for k, v in Layer.FIELDS.items() if k not in ("forward", "backward", "forward_args", "backward_args")},
        "call": schema.text(),
        "args": schema.words([]),
    }

    def problems(self) -> list[str]:
        """Every name must mean something."""
        strange = [f"`gradients`: `{t}` is no input" for t in self.targets() if t not in self.specs()]
        return strange + inputs_known(self, ["args"], ())

    def place(self) -> str:
        """Name the function."""
        return f"see `{self.values['call']}`"

    def cotangent(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        """A loss is differentiated by itself."""
        return np.ones(shape)

    def evaluate(self, remote: Remote, inputs: Mapping[str, Any]) -> Any:
        """Return the loss."""
        return places.output(self._called(remote, inputs), self.values["output"])[0]

    def claims(self, remote: Remote, inputs: Mapping[str, Any], out: Any, cotangent: Array) -> dict[str, Any]:
        """Return the gradients: those of the call that gave the loss."""
        key, result = self._key(remote), self._called(remote, inputs)
        table = self.values["gradients"] if isinstance(self.values["gradients"], dict) else {}
        # By order or name: in what follows the loss.
        rest = result[1:] if isinstance(result, tuple) else ()
        rest = rest[0] if len(rest) == 1 else rest
        found, targets = {}, self.targets()
        for index, target in enumerate(targets):
            where = table.get(target, "")
            if where.startswith("self."):
                found[target] = remote.get(key, where.partition(".")[2])
            elif where:
                found[target] = places.at(result, places.steps(where))
            else:
                found[target] = places.claim(rest, target, index, len(targets))
        return found

    def _called(self, remote: Remote, inputs: Mapping[str, Any]) -> Any:
        key = self._key(remote)
        owner_inputs = {k: v for k, v in inputs.items() if k.startswith("self.")}
        for name, value in owner_inputs.items():
            remote.put(key, name.partition(".")[2], value)
        names = self.values["args"] or places.positional(inputs)
        args = [places.argument(n, inputs, {}) for n in names]
        return remote.call(self.values["call"], args, of=key, keep="forward")
