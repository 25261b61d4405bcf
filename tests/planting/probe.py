"""Run a network in this process with probes at its hinted places.

`theta` stands before the first statement of a training step: it can perturb the parameters in place. `loss`
and `grad` (or `implied`: the step divided by the rate) stand after their statements. The run ends as soon as
the wanted step has been seen.
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
import random
import sys
import warnings
from collections.abc import Iterator
from types import CodeType
from typing import Any

import numpy as np

from tests.planting.markers import Spec


class Done(BaseException):
    """The wanted step has been recorded."""


def pieces(thing: Any) -> Iterator[tuple[Any, Any]]:
    """The places that hold numbers: (container, key), with key `...` for a whole array."""
    if isinstance(thing, np.ndarray):
        yield thing, ...
    elif isinstance(thing, tuple) and len(thing) == 2 and isinstance(thing[0], dict) and isinstance(thing[1], str):
        yield thing
    elif isinstance(thing, dict):
        for key, value in thing.items():
            yield from [(thing, key)] if isinstance(value, (float, np.floating)) else pieces(value)
    elif isinstance(thing, (list, tuple)):
        for key, value in enumerate(thing):
            yield from [(thing, key)] if isinstance(value, (float, np.floating)) else pieces(value)
    else:
        raise TypeError(f"no place for numbers: {type(thing).__name__}")


def read(thing: Any) -> np.ndarray:
    """All numbers of nested containers, in order, as one float64 vector."""
    parts = [np.asarray(box[key], dtype=float).ravel() for box, key in pieces(thing)]
    return np.concatenate(parts) if parts else np.zeros(0)


def numbers(thing: Any) -> np.ndarray:
    """Like `read`, for values that need no place (scalars, generators of arrays)."""
    if isinstance(thing, (list, tuple)) and not (len(thing) == 2 and isinstance(thing[1], str)):
        return np.concatenate([numbers(t) for t in thing]) if thing else np.zeros(0)
    if isinstance(thing, dict):
        return numbers(list(thing.values()))
    if isinstance(thing, tuple):
        return numbers(thing[0][thing[1]])
    return np.asarray(thing, dtype=float).ravel()


def shift(thing: Any, by: np.ndarray) -> None:
    """Add a vector to the numbers in place."""
    at = 0
    for box, key in pieces(thing):
        size = np.size(box[key])
        step = by[at : at + size]
        box[key] = box[key] + (step.reshape(np.shape(box[key])) if key is ... else step[0])
        at += size


class Session:
    """What the probes report during one run."""

    def __init__(self, visit: int, by: np.ndarray | None = None, stop: str = "grad") -> None:
        self.visit, self.by, self.stop = visit, by, stop
        self.seen, self.active, self.single = -1, False, False
        self.theta, self.grad, self.loss, self.sizes = np.zeros(0), np.zeros(0), 0.0, []

    def on_theta(self, thing: Any) -> None:
        """Before a step: record the parameters and perturb them."""
        self.seen += 1
        self.active = self.seen == self.visit
        if not self.active:
            return
        self.theta = read(thing)
        self.sizes = [np.size(box[key]) for box, key in pieces(thing)]
        self.single = any(getattr(box, "dtype", None) == np.float32 for box, _ in pieces(thing))
        if self.stop == "theta":
            raise Done
        if self.by is not None:
            shift(thing, self.by)

    def on_loss(self, value: Any, accumulate: bool = False) -> None:
        """After the forward pass."""
        if self.active:
            self.loss = float(np.squeeze(value)) + (self.loss if accumulate else 0.0)

    def on_grad(self, thing: Any) -> None:
        """After the backward pass."""
        if self.active:
            self.grad = numbers(thing)
            raise Done

    def on_implied(self, thing: Any, rate: float) -> None:
        """After the update of a network whose gradients have no name."""
        if self.active:
            before = self.theta if self.by is None else self.theta + self.by
            self.grad = (before - read(thing)) / rate
            raise Done


def _blocks(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                yield block


def _call(name: str, *arguments: str) -> ast.stmt:
    return ast.parse(f"__probe__.{name}({', '.join(arguments)})").body[0]


def _insertions(specs: list[Spec]) -> tuple[list[ast.stmt], list[ast.stmt]]:
    before, after = [], []
    for spec in sorted(specs, key=lambda s: ("theta", "loss", "loss+", "grad", "implied").index(s.kind)):
        text = f"[{spec.expression}]"
        if spec.kind == "theta":
            before.append(_call("on_theta", text))
        elif spec.kind in ("loss", "loss+"):
            after.append(_call("on_loss", f"({spec.expression})", str(spec.kind == "loss+")))
        elif spec.kind == "grad":
            after.append(_call("on_grad", text))
    return before, after


def instrument(text: str, specs: tuple[Spec, ...], name: str = "network") -> CodeType:
    """The program with probe calls at the hinted lines, compiled."""
    tree = ast.parse(text)
    wanted: dict[int, list[Spec]] = {}
    for spec in specs:
        if spec.kind in ("theta", "loss", "loss+", "grad", "implied"):
            wanted.setdefault(spec.line, []).append(spec)
    theta = next((s.expression for s in specs if s.kind == "theta"), "")
    for block in list(_blocks(tree)):
        for statement in list(block):
            mine = wanted.pop(statement.lineno, [])
            before, after = _insertions([s for s in mine if s.kind != "implied"])
            after += [_call("on_implied", f"[{theta}]", s.expression) for s in mine if s.kind == "implied"]
            at = block.index(statement)
            block[at : at + 1] = [*before, statement, *after]
    if wanted:
        raise ValueError(f"{name}: no statement begins at lines {sorted(wanted)}")
    return compile(ast.fix_missing_locations(tree), f"<{name}>", "exec")


@contextlib.contextmanager
def _quiet(name: str) -> Iterator[io.StringIO]:
    argv, out = sys.argv, io.StringIO()
    here = os.getcwd()
    sys.argv = [name]
    try:
        with contextlib.redirect_stdout(out), warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield out
    finally:
        sys.argv = argv
        os.chdir(here)


def execute(code: CodeType, session: Session) -> str:
    """Run until the session is done or the program ends; what it printed."""
    random.seed(0)
    np.random.seed(0)
    scope = {"__name__": "__main__", "__file__": code.co_filename, "__probe__": session}
    with _quiet(code.co_filename) as out, contextlib.suppress(Done):
        exec(code, scope)
    return out.getvalue()
