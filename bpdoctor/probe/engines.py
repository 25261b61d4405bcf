"""Automatic differentiation by hand: classes whose operators build a graph and whose `backward` walks it.

Every operator is tried alone, where the gradient that comes in is 1, and below a product, where it is another number;
then nodes that are used twice, which need sums of gradients and an order.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from bpdoctor.model.record import record
from bpdoctor.probe.choose import best
from bpdoctor.probe.examined import Examined
from bpdoctor.probe.module import Module, required, signature_of
from bpdoctor.probe.probe import Probe, Slot

_BINARY = {
    "__add__": "x + y", "__mul__": "x * y", "__sub__": "x - y", "__truediv__": "x / y", "__neg__": "-x",
    "__radd__": "1.5 + x", "__rmul__": "1.5 * x", "__rsub__": "1.5 - x", "__rtruediv__": "1.5 / x",
    "__pow__": "x ** 3", "__matmul__": "x @ y",
}  # fmt: skip
_SHARED = {
    "a value that is used twice": ("x * x", {"__mul__"}),
    "a result that is used twice": ("(x * y) * (x * y) + (x * y)", {"__mul__", "__add__"}),
    "a node with two paths below it": ("z * z + z", {"__mul__", "__add__"}),
}
_SILENT = frozenset(
    {"backward", "zero_grad", "item", "numpy", "detach", "copy", "clone", "parameters", "zero", "step", "update"}
)


@record
class Graph:
    """A class of nodes: how one is made, where value and gradient stand, how the sweep is called."""

    name: str
    owner: type
    data: str
    grad: str
    sweep: str
    array: bool


def find_engines(module: Module) -> list[Graph]:
    """Classes of the file that overload arithmetic and have a backward method."""
    out = []
    for name, owner in module.classes.items():
        sweep = next(
            (n for n in ("backward", "backprop", "backpropagate", "back", "backward_pass") if hasattr(owner, n)), ""
        )
        if not sweep or ("__add__" not in vars(owner) and "__mul__" not in vars(owner)):
            continue
        found = _graph(name, owner, sweep)
        if found is not None:
            out.append(found)
    return out


def _graph(name: str, owner: type, sweep: str) -> Graph | None:
    for array, value in ((False, 0.7), (True, np.full((2, 2), 0.7))):
        try:
            node = owner(value)
        except Exception:
            continue
        held = {k: v for k, v in _attributes(node).items() if not callable(v)}
        data = [k for k, v in held.items() if np.shape(v) == np.shape(value) and _equal(v, value)]
        grad = [
            k
            for k in held
            if k.strip("_").lower() in ("grad", "gradient", "g", "derivative", "d", "adjoint", "adj", "grads")
        ]
        if data and grad:
            return Graph(name, owner, data[0], grad[0], sweep, array)
    return None


def _attributes(node: Any) -> dict[str, Any]:
    slots = [s for c in type(node).__mro__ for s in getattr(c, "__slots__", ())]
    return {**{s: getattr(node, s, None) for s in slots}, **getattr(node, "__dict__", {})}


def _equal(held: Any, value: Any) -> bool:
    try:
        return bool(np.all(np.asarray(held, dtype=float) == value))
    except (TypeError, ValueError):
        return False


def examine_engine(module: Module, graph: Graph) -> list[Examined]:
    """Every operator and function of the nodes by itself, then shared nodes."""
    methods = {n: m for c in reversed(graph.owner.__mro__[:-1]) for n, m in vars(c).items() if inspect.isfunction(m)}
    out: dict[str, Examined] = {}
    for name, text in _expressions(methods):
        owner = methods.get(name, methods[graph.sweep])
        shown = f"{graph.name}.{name}" if name in methods else f"{graph.name}.{graph.sweep}, {name}"
        examined = _examined(module, graph, shown, text, owner)
        if examined.compared:
            out[name] = examined
    if not graph.array:
        out.update(_below_a_product(module, graph, methods, out))
    return list(out.values())


def _below_a_product(
    module: Module, graph: Graph, methods: dict[str, Any], alone: dict[str, Examined]
) -> dict[str, Examined]:
    """Operators that are right alone and wrong below a product, where a product below a product is right."""
    found = {
        name: _examined(module, graph, alone[name].name, f"({text}) * w", methods[name])
        for name, text in _expressions(methods)
        if name in methods and name in alone and alone[name].outcome == "right"
    }
    if "__mul__" not in found or found["__mul__"].outcome != "right":
        return {}
    return {n: replace(e, rule="missing-upstream-gradient") for n, e in found.items() if e.outcome == "wrong"}


def _examined(module: Module, graph: Graph, shown: str, text: str, owner: Any) -> Examined:
    line = module.line(owner)
    return best(_probes(graph, shown, text, line), module.namespace, shown, line, "engine")


def _expressions(methods: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, text in _BINARY.items():
        if name in methods:
            yield name, text
    for name, method in methods.items():
        signature = signature_of(method, method=True)
        if not name.startswith("_") and name not in _SILENT and signature is not None and not required(signature):
            yield name, f"x.{name}()"
    for name, (text, needed) in _SHARED.items():
        if needed <= set(methods):
            yield name, text


def built_from(name: str) -> set[str]:
    """The operators that an expression with nodes that are used twice is made of."""
    return _SHARED.get(name.partition(", ")[2], ("", set[str]()))[1]


def _probes(graph: Graph, shown: str, text: str, line: int) -> Iterator[Probe]:
    yield (_of_arrays if graph.array else _of_numbers)(graph, shown, text, line)


def _of_numbers(graph: Graph, shown: str, text: str, line: int) -> Probe:
    """The expression at several points, each a graph of its own."""
    setup = "_a_x = _rng.uniform(0.3, 0.9, size=4)\n_a_y = _rng.uniform(1.1, 1.7, size=4)"
    setup += "\n_a_w = _rng.uniform(1.3, 1.9, size=4)" if "w" in text.split()[-1:] else ""
    names = [n for n in "xyw" if re.search(rf"\b[{n}z]\b", text)]
    rows = [f"_{n} = [{graph.name}(float(v)) for v in _a_{n}]" for n in names]
    pairs = f"for {', '.join(names)} in zip({', '.join('_' + n for n in names)})" if len(names) > 1 else "for x in _x"
    rows += [f"_z = [x * y {pairs}]", f"_out = [{text} for z in _z]"] if "z" in text else [f"_out = [{text} {pairs}]"]
    slots = [Slot(f"_a_{n}", n, f"_np.array([v.{graph.grad} for v in _{n}])") for n in names]
    backward = f"for _o in _out:\n    _o.{graph.sweep}()"
    loss = f"_np.sum([o.{graph.data} for o in _out])"
    return Probe(shown, line, setup, "\n".join(rows), backward, loss=loss, slots=tuple(slots), kind="engine")


def _of_arrays(graph: Graph, shown: str, text: str, line: int) -> Probe:
    """The expression once, on matrices, summed where the class can sum."""
    setup = "_a_x = _rng.uniform(0.3, 0.9, size=(3, 3))\n_a_y = _rng.uniform(1.1, 1.7, size=(3, 3))"
    total = ".sum()" if hasattr(graph.owner, "sum") and not text.endswith(".sum()") else ""
    names = [n for n in "xy" if re.search(rf"\b[{n}z]\b", text)]
    rows = [f"{n} = {graph.name}(_a_{n})" for n in names]
    rows += ["z = x * y"] if "z" in text else []
    rows += [f"_out = ({text}){total}"]
    slots = [Slot(f"_a_{n}", n, f"{n}.{graph.grad}") for n in names]
    loss = f"_out.{graph.data}"
    return Probe(
        shown, line, setup, "\n".join(rows), f"_out.{graph.sweep}()", loss=loss, slots=tuple(slots), kind="engine"
    )
