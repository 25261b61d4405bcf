"""`layer`: a forward and a backward function, or the methods of a class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from bpdoctor.grade import data, places, schema
from bpdoctor.grade.checks import owner
from bpdoctor.grade.checks.check import Fields
from bpdoctor.grade.checks.pair import Pair, inputs_known
from bpdoctor.grade.protocol import Array
from bpdoctor.grade.remote import Reference, Remote

_KNOWN = ("dout", "cache", "out")


def _names_or_places(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(v, str) and places.PLACE.match(v) for v in value.values())
    return isinstance(value, list) and all(isinstance(v, str) for v in value)


class Layer(Pair):
    """Forward against the reference, backward against the true gradient."""

    KIND = "layer"
    needs_reference = True
    FIELDS: ClassVar[Fields] = {
        "forward": schema.text(),
        "backward": schema.text(),
        "inputs": schema.anything("a table of inputs", data.are_specs),
        "class": schema.text(""),
        "create": schema.anything("a list of numbers, shapes or tables with shape and kind", data.are_arguments, []),
        "forward_args": schema.words([]),
        "backward_args": schema.words([]),
        "output": schema.text("auto"),
        "gradients": schema.anything("a list of inputs, or a table input = place", _names_or_places, []),
    }

    def problems(self) -> list[str]:
        """Every name must mean something."""
        strange = [f"`gradients`: `{t}` is no input" for t in self.targets() if t not in self.specs()]
        return strange + inputs_known(self, ["forward_args", "backward_args"], _KNOWN)

    def targets(self) -> list[str]:
        """The inputs that are named, or all that can be differentiated."""
        named = list(self.values["gradients"])
        return named or [k for k, spec in self.specs().items() if data.differentiable(spec)]

    def place(self) -> str:
        """Name the functions."""
        of = f"{self.values['class']}." if self.values["class"] else ""
        return f"see `{of}{self.values['forward']}` and `{of}{self.values['backward']}`"

    def evaluate(self, remote: Remote, inputs: Mapping[str, Any]) -> Any:
        """Call forward."""
        key = self._key(remote)
        owner.furnish(remote, key, inputs)
        names = self.values["forward_args"] or places.positional(inputs)
        args = [places.argument(n, inputs, {}) for n in names]
        result = remote.call(self.values["forward"], args, of=key, keep="forward")
        return places.output(result, self.values["output"])[0]

    def claims(self, remote: Remote, inputs: Mapping[str, Any], out: Any, cotangent: Array) -> dict[str, Any]:
        """Call backward."""
        key = self._key(remote)
        result = remote.call(self.values["backward"], self._backward(inputs, cotangent), of=key, keep="backward")
        found, targets = {}, self.targets()
        for index, target in enumerate(targets):
            where = self.values["gradients"][target] if isinstance(self.values["gradients"], dict) else ""
            if where.startswith("self."):
                found[target] = remote.get(key, where.partition(".")[2])
            elif where:
                found[target] = places.at(result, places.steps(where))
            else:
                found[target] = places.claim(result, target, index, len(targets))
        return found

    def _backward(self, inputs: Mapping[str, Any], cotangent: Array) -> list[Any]:
        place = self.values["output"]
        cache = (1,) if place == "auto" else (*places.steps(place)[:-1], 1)
        known = {
            "dout": cotangent,
            "cache": Reference("forward", cache),
            "out": Reference("forward", (0,) if place == "auto" else places.steps(place)),
        }
        names = self.values["backward_args"] or (["dout"] if self.values["class"] else ["dout", "cache"])
        return [places.argument(n, inputs, known) for n in names]

    def _key(self, remote: Remote) -> str:
        """One object for the check, made anew when the child is a new one."""
        if not self.values["class"]:
            return ""
        if remote.objects.get(owner.KEY) != self.name:
            owner.create(remote, self.values)
            remote.objects[owner.KEY] = self.name
        return owner.KEY
