"""Training that SciPy does: a few plain steps of descent, with the user's own function, on the record.

What SciPy makes of the gradients is its own business and hidden in it. That they are the gradients of the value can be
seen at any point: some steps are made from where the program starts, as if they stood where the optimiser is called.
"""

from __future__ import annotations

import ast
import inspect
import random
from collections.abc import Callable
from typing import Any

import numpy as np

from bpdoctor.observe.instrument import HOOK, instrument
from bpdoctor.observe.recorder import Recorder
from bpdoctor.observe.sites import Site
from bpdoctor.observe.trees import located

_MODULE = "scipy.optimize"
# Where a function that returns value and gradient is expected, and where the gradient has a function of its own.
_SLOPES = ("jac", "fprime")
_BOTH = frozenset({"fmin_l_bfgs_b", "fmin_tnc"})
_STEPS = 12
# The first step is this part of the point's size.
_FIRST = 1e-2
_TEXT = """
def descend({name}, __objective, __slope, __args, __rate):
    for __step in range({steps}):
        {call}
        {name} = {name} - __rate * __gradient
"""
_TOGETHER = "__value, __gradient = __objective({name}, *__args)"
_APART = "__value = __objective({name}, *__args); __gradient = __slope({name}, *__args)"


def optimises(function: Any) -> bool:
    """Whether a function is one of SciPy's that descend by a gradient that they are given."""
    module = getattr(function, "__module__", None) or ""
    name = getattr(function, "__name__", "")
    return module.startswith(_MODULE) and (name == "minimize" or name.startswith("fmin_"))


class Descents:
    """Makes the steps, one function for each place that calls an optimiser."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.made: dict[int, Callable[..., None]] = {}
        self.noted: list[str] = []

    def descend(self, site: int, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Descend from the point that the optimiser starts from; nothing where it is given no gradient."""
        given = _given(function, args, kwargs)
        if given is None:
            return
        drawn, numpys = random.getstate(), np.random.get_state()
        try:
            self.follow(site, function, *given)
        except Exception:
            return  # where these steps lead, the program need not come: what was seen until then is on the record
        finally:
            random.setstate(drawn)
            np.random.set_state(numpys)

    def follow(self, site: int, function: Any, objective: Any, slope: Any, start: Any, others: Any) -> None:
        """Make the steps from a point."""
        point = np.array(start, dtype=np.float64)
        rate = self.rate(objective, slope, point, others)
        if not rate:
            return
        if site not in self.made:
            at = self.recorder.sites[site]
            self.made[site] = self.written(at, slope is None)
            name = getattr(function, "__name__", "")
            self.noted.append(f"in place of `{name}` of line {at.line} a few plain steps of descent were examined")
        self.made[site](point, objective, slope, others, rate)

    def rate(self, objective: Any, slope: Any, point: Any, others: tuple[Any, ...]) -> float:
        """The length of the steps, from the gradient at the start; 0 where that is none."""
        self.recorder.on = False
        try:
            gradient = (slope or (lambda *a: objective(*a)[1]))(np.array(point), *others)
            size = float(np.linalg.norm(gradient)) if np.shape(gradient) == point.shape else 0.0
        except Exception:  # the optimiser will say so itself
            size = 0.0
        finally:
            self.recorder.on = True
        return _FIRST * max(float(np.linalg.norm(point)), 1.0) / size if size and np.isfinite(size) else 0.0

    def written(self, at: Site, together: bool) -> Callable[..., None]:
        """The loop, every expression of which stands where the optimiser is called."""
        start = _start_of(at.node)
        name = start.id if isinstance(start, ast.Name) else start.attr if isinstance(start, ast.Attribute) else "point"
        call = (_TOGETHER if together else _APART).format(name=name)
        tree = ast.parse(_TEXT.format(name=name, steps=_STEPS, call=call))
        for node in ast.walk(tree):
            update = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == name
            located(node, start if update and start is not None else at.node)
        space: dict[str, Any] = {HOOK: self.recorder}
        exec(compile(instrument(at.source, tree, self.recorder.sites), at.source.path, "exec"), space)
        made: Callable[..., None] = space["descend"]
        return made


def _given(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any, Any, Any] | None:
    """The objective, what gives the gradient (None where the first gives both), the start and further arguments."""
    try:
        bound = inspect.signature(function).bind(*args, **kwargs).arguments
    except (TypeError, ValueError):
        return None
    objective = bound.get("fun", bound.get("func", bound.get("f")))
    slope = next((bound[k] for k in _SLOPES if k in bound), None)
    together = slope is True or (slope is None and function.__name__ in _BOTH and not bound.get("approx_grad"))
    if objective is None or not (together or callable(slope)):
        return None
    others = bound.get("args", ())
    return objective, None if together else slope, bound["x0"], others if isinstance(others, tuple) else (others,)


def _start_of(call: ast.AST) -> ast.expr | None:
    """What is given as the start where the optimiser is called."""
    if not isinstance(call, ast.Call):
        return None
    starts = [*call.args[1:2], *(k.value for k in call.keywords if k.arg == "x0")]
    return starts[0] if starts else None
