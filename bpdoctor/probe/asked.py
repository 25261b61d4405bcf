"""Functions that the program calls for a gradient and takes no step along: the steps are taken in its place."""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import FrameType
from typing import Any

import numpy as np

from bpdoctor.model.record import record
from bpdoctor.model.source import Driver
from bpdoctor.probe.examined import Examined
from bpdoctor.probe.match import Entry
from bpdoctor.probe.module import Module
from bpdoctor.probe.networks import START
from bpdoctor.probe.pairs import entries_of
from bpdoctor.probe.probe import Namespace
from bpdoctor.probe.roles import differentiated, squeezed

_STEPS = 4
_H = 1e-6
# So many entries of each array are compared with differences, before anything is taken for a gradient.
_ENTRIES = 40
# What points less than this along the gradient is none, not even a wrong one.
_ALONG = 0.5
_MOST_CALLS = 20
_INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@record
class Asked:
    """A call that gives gradients, the text of a loss, and each gradient with the place of what it is of.

    `setup` are the statements under ``if __name__ == "__main__"`` that make its arguments.
    """

    name: str
    setup: tuple[str, ...]
    call: str
    loss: str
    pairs: Mapping[str, str]


def find_asked(module: Module) -> list[Asked]:
    """Calls at the top of the program, with its own data, of what behaves like a gradient of a loss it has too."""
    out: dict[str, Asked] = {}
    for call in _calls(module)[:_MOST_CALLS]:
        name = ast.unparse(call.func)
        found = _asked(module, name, call, _made(module, call)) if name not in out else None
        if found is not None:
            out[name] = found
    return list(out.values())


def examine_asked(module: Module, asked: Asked) -> Examined:
    """The recording engine judges steps along the gradients."""
    rows = [f"_loss = {asked.loss}", f"_slopes = {asked.call}"]
    rows += [f"{place} = {place} - _rate * {gradient}" for place, gradient in asked.pairs.items()]
    steps = f"for _step in range({_STEPS}):\n" + "".join(f"    {row}\n" for row in rows)
    driver = Driver("\n".join((*asked.setup, *START)), steps)
    line = module.line(module.functions[asked.name])
    return Examined(asked.name, line, "network", "driven", drivers=(driver,), alone=True)


def _calls(module: Module) -> list[ast.Call]:
    """Calls of the file's own functions that stand outside of all functions."""
    tree = module.trees.get(module.path)
    pending: list[ast.AST] = [tree] if tree is not None else []
    found: list[ast.Call] = []
    while pending:
        node = pending.pop(0)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in module.functions:
            found.append(node)
        pending += [n for n in ast.iter_child_nodes(node) if not isinstance(n, _INNER)]
    return found


def _made(module: Module, call: ast.Call) -> tuple[str, ...]:
    """Assignments that only a program run by itself makes, as far as a call needs them; they are made here too."""
    tree: Any = module.trees[module.path]
    guards = [n for n in tree.body if isinstance(n, ast.If) and "__name__" in ast.unparse(n.test)]
    wanted = _names(call)
    out: list[str] = []
    for statement in reversed([s for guard in guards for s in guard.body if isinstance(s, ast.Assign)]):
        if wanted & {name for target in statement.targets for name in _names(target)}:
            wanted |= _names(statement)
            out.insert(0, ast.unparse(statement))
    try:
        exec("\n".join(out), module.namespace)
    except Exception:  # the program's own statements, out of their place
        return ()
    return tuple(out)


def _asked(module: Module, name: str, call: ast.Call, setup: tuple[str, ...]) -> Asked | None:
    places = dict(_places(module.namespace, [*call.args, *(k.value for k in call.keywords)]))
    text = ast.unparse(call)
    if not places:
        return None
    try:
        result, busiest = _counted(text, module.namespace)
        again, _ = _counted(text, module.namespace)
    except Exception:  # names that are no more, or whatever the program's own function raises
        return None
    # What draws at random has no slope; what computes a loss for every entry takes differences.
    if not _same(result, again) or busiest >= sum(np.size(v) for v in places.values()):
        return None
    pairs = _paired(places, entries_of(result, "_slopes", module.body(module.functions[name])))
    losses = [(_along(module.namespace, t, result, pairs), t) for t in _losses(module, name, call)]
    along, loss = max(losses, key=lambda found: found[0], default=(0.0, ""))
    return Asked(name, setup, text, loss, pairs) if along >= _ALONG else None


def _same(a: Any, b: Any) -> bool:
    """Whether two results are the same numbers."""
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(_same(a[k], b[k]) for k in a)
    if isinstance(a, list | tuple):
        return isinstance(b, list | tuple) and len(a) == len(b) and all(map(_same, a, b))
    return bool(np.array_equal(a, b)) if isinstance(a, np.ndarray | float) else True


def _places(namespace: Namespace, arguments: Sequence[ast.expr]) -> Iterator[tuple[str, Any]]:
    """Floating arrays among the arguments, and within lists and dicts of them, by the text that reads each."""
    for argument in arguments:
        if not isinstance(argument, ast.Name | ast.Attribute):
            continue
        text = ast.unparse(argument)
        try:
            value = eval(text, namespace)
        except Exception:  # a name that is no more, or a property of the program's own that raises
            continue
        if isinstance(value, np.ndarray):
            yield from [(text, value)] if _floating(value) else []
        elif isinstance(value, dict):
            yield from ((f"{text}[{k!r}]", v) for k, v in value.items() if _floating(v))
        elif isinstance(value, list):
            yield from ((f"{text}[{i}]", v) for i, v in enumerate(value) if _floating(v))


def _floating(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.size > 0


def _counted(text: str, namespace: Namespace) -> tuple[Any, int]:
    """The value of a call, and how often the busiest function was called in it."""
    calls: Counter[Any] = Counter()

    def profile(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            calls[frame.f_code] += 1

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        value = eval(text, namespace)
    finally:
        sys.setprofile(before)
    return value, max(calls.values(), default=0)


def _paired(places: Mapping[str, Any], entries: Sequence[Entry]) -> dict[str, str]:
    """Each array with the entry that is its gradient: by its name, or where it stands in a container like its own."""
    out: dict[str, str] = {}
    for place, value in places.items():
        own = squeezed(_spoken(place))
        fitting = [e for e in entries if e.shape == value.shape and np.ndim(value)]
        named = [e for e in fitting if own and (differentiated(e.name) == own or squeezed(e.name) == own)]
        there = [e for e in fitting if "[" in place and e.text.endswith(place[place.rindex("[") :])]
        alike = [p for p, v in places.items() if v.shape == value.shape]
        only = fitting if len(fitting) == len(alike) == 1 else []
        found = next(iter(named or there or only), None)
        if found is not None and found.text not in out.values():
            out[place] = found.text
    return out


def _spoken(place: str) -> str:
    """`W1` of ``params['W1']`` and of ``net.W1``."""
    return place.rpartition("[")[2].strip("'\"]") if "[" in place else place.rpartition(".")[2]


def _losses(module: Module, name: str, call: ast.Call) -> Iterator[str]:
    """Texts that give one number, twice the same: functions called as the gradient is, and calls with all its data."""
    given = _names(call) - {name}
    inside = ast.unparse(call).partition("(")[2]
    texts = [f"{other}({inside}" for other in module.functions if other != name]
    texts += [ast.unparse(c) for c in _calls(module) if given <= _names(c)]
    for text in dict.fromkeys(texts):
        try:
            value, again = (eval(text, module.namespace) for _ in range(2))
        except Exception:  # most functions take something else
            continue
        if isinstance(value, float | np.floating) and np.isfinite(value) and value == again:
            yield text


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _along(namespace: Namespace, loss: str, result: Any, pairs: Mapping[str, str]) -> float:
    """How far what is claimed points along the slope of a loss: the cosine, of the array that it is largest for."""
    best = 0.0
    for place, text in pairs.items():
        claimed = np.asarray(eval(text, {"_slopes": result}), dtype=float)
        array = eval(place, namespace)
        entries = list(np.ndindex(array.shape))[:_ENTRIES]
        try:
            true = np.array([_slope(namespace, loss, array, entry) for entry in entries])
        except Exception:  # the program's own function, at other numbers
            return 0.0
        ours = np.array([claimed[entry] for entry in entries])
        lengths = float(np.linalg.norm(true) * np.linalg.norm(ours))
        best = max(best, abs(float(true @ ours)) / lengths if lengths > 0 else 0.0)
    return best


def _slope(namespace: Namespace, loss: str, array: Any, entry: tuple[int, ...]) -> float:
    """A central difference for one entry, which is as it was afterwards."""
    before, values = array[entry], []
    try:
        for h in (_H, -_H):
            array[entry] = before + h
            values.append(float(eval(loss, namespace)))
    finally:
        array[entry] = before
    return (values[0] - values[1]) / (2 * _H)
