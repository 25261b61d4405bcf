"""Plain functions and their derivatives: ``sigmoid`` and ``sigmoid_prime``, or one function with a flag.

Whether a derivative takes the argument of the function or its value is found by trying both: either is
right, and only a call can be wrong. It is wrong when it is neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from bpdoctor.model.record import record
from bpdoctor.probe.choose import best
from bpdoctor.probe.examined import Examined
from bpdoctor.probe.module import Module, required, signature_of
from bpdoctor.probe.probe import Probe, Slot, Space
from bpdoctor.probe.search import finite

_DERIVATIVE = re.compile(
    r"(_?(derivative|derivation|derivate|deriv|derv|der|gradient|grad|prime|derivada|dash|diff|ableitung|backward)"
    r"(_?(from|of|wrt)_?\w+)?$)|(_d$)|(?<=[a-z])(Prime|Derivative|Deriv|Grad|Gradient)$"
)
_LEADING = re.compile(r"^(d_?|grad_|gradient_|deriv_?|derivative_?(of_)?|der_|derivada_?(da_|de_)?|diff_)(?=[a-zA-Z])")
_FLAG = re.compile(r"(is_?)?(deriv(ative|ada|e)?|der|grad(ient)?|prime|diff)", re.IGNORECASE)
_KNOWN = {"tanh": "_np.tanh", "sin": "_np.sin", "exp": "_np.exp"}
_VALUES = ("_rng.normal(size=(4, 5))", "float(_rng.normal())", "_rng.normal(size=(5, 1))", "_rng.normal(size=5)")
_MOST = "_rng.uniform(0.1, 0.9, size=(4, 5))"


@record
class Pair:
    """Texts with ``{}`` for the argument: the function, its derivative; where the latter is defined."""

    name: str
    line: int
    function: str
    derivative: str
    setup: str = ""


def find_derivatives(module: Module) -> list[Pair]:
    """Functions at the top of the file and methods of its classes."""
    functions = module.functions
    out = list(_among(functions, "", "", module))
    for name, owner in module.classes.items():
        methods = {n: m for n, m in vars(owner).items() if callable(m) or isinstance(m, staticmethod | classmethod)}
        out += _among(methods, "_object.", f"_object = {name}.__new__({name})", module, owner=name)
    return out


def _among(functions: Mapping[str, Any], prefix: str, setup: str, module: Module, owner: str = "") -> Iterator[Pair]:
    for name, raw in functions.items():
        function = raw.__func__ if isinstance(raw, staticmethod | classmethod) else raw
        method = bool(prefix) and not isinstance(raw, staticmethod)
        signature = signature_of(function, method=method)
        if signature is None or name.startswith("__"):
            continue
        shown = f"{owner}.{name}" if owner else name
        flags = [n for n, p in signature.parameters.items() if _FLAG.fullmatch(n) and p.default is not p.empty]
        if flags and len(required(signature)) == 1:
            on = f"{prefix}{name}({{}}, {flags[0]}={not signature.parameters[flags[0]].default})"
            yield Pair(shown, module.line(function), f"{prefix}{name}({{}})", on, setup)
            continue
        stem = stem_of(name)
        if stem and len(required(signature)) == 1:
            of = next((n for n in functions if _plain(n) == stem and n != name), None)
            text = f"{prefix}{of}({{}})" if of else (_KNOWN[stem] + "({})" if stem in _KNOWN else "")
            if text:
                yield Pair(shown, module.line(function), text, f"{prefix}{name}({{}})", setup)


def stem_of(name: str) -> str:
    """What a derivative's name says it is the derivative of; empty for other names."""
    low = name.strip("_")
    for pattern in (_DERIVATIVE, _LEADING):
        bare = pattern.sub("", low, count=1)
        if bare and bare != low:
            return _plain(bare)
    return ""


# A leak of a hundredth that is left out is a fault; the logistic form of an error function is not.
_APPROXIMATE = 1e-3
_STEP = 1e-5


def _plain(name: str) -> str:
    return name.lower().replace("_", "")


def examine_derivative(module: Module, pair: Pair) -> Examined:
    """Compare under both conventions; what is nowhere far off is an approximation and meant so."""
    examined = best(_probes(module, pair), module.namespace, pair.name, pair.line, "derivative")
    if examined.outcome != "wrong" or (off := _distance(module, pair)) >= _APPROXIMATE:
        return replace(examined, rule="wrong-activation-derivative")
    fact = f"`{pair.name}` approximates the derivative: it is off by {off:.0e} of the steepest slope, or less"
    compared = tuple(replace(c, status="ok") for c in examined.compared)
    return replace(examined, outcome="right", compared=compared, facts=(*examined.facts, fact))


def _distance(module: Module, pair: Pair) -> float:
    """How far the claimed slope is from the measured one at most, beside the steepest, over a wide range."""
    found = [np.inf]
    for argument in ("_a_z", "_out"):
        values = []
        try:
            for shift in (0.0, -_STEP, _STEP):
                setup = f"{pair.setup}\n_a_z = _np.linspace(-6, 6, 481) + {shift}"
                probe = Probe("", 1, setup, f"_out = {pair.function.format('_a_z')}", "")
                space = probe.advance(probe.prepared(module.namespace, 1))
                values.append(np.asarray(space.value("_out"), dtype=float))
                if not shift:
                    space.run(f"_slope = {pair.derivative.format(argument)}")
                    claimed = np.asarray(space.value("_slope"), dtype=float)
            slope = (values[2] - values[1]) / (2 * _STEP)
            found.append(float(np.abs(claimed - slope).max() / np.abs(slope).max()))
        except Exception:  # whatever the user's functions raise on such a range
            continue
    return min(f for f in found if not np.isnan(f))


def _probes(module: Module, pair: Pair) -> Iterator[Probe]:
    for value in (*_VALUES, _MOST):
        setup = "\n".join(s for s in (pair.setup, f"_a_z = {value}") if s)
        forward = f"_out = {pair.function.format('_a_z')}"
        space = _ran(module, setup, forward)
        if space is None or np.shape(space.value("_out")) != np.shape(space.value("_a_z")):
            continue
        if not _elementwise(module, setup, forward):
            continue
        for argument, word in (("_a_z", "argument"), ("_out", "value")):
            backward = f"_slope = {pair.derivative.format(argument)}\n_back = _g_out * _slope"
            facts = (f"`{pair.name}` takes the function's {word}",)
            yield Probe(
                pair.name, pair.line, setup, forward, backward, {"_g_out": "_out"},
                slots=(Slot("_a_z", "z", "_back"),), kind="derivative", facts=facts,
            )  # fmt: skip
        return


def _ran(module: Module, setup: str, forward: str) -> Space | None:
    probe = Probe("", 1, setup, forward, "")
    try:
        space = probe.advance(probe.prepared(module.namespace, 1))
        return space if finite(space.value("_out")) else None
    except Exception:
        return None


def _elementwise(module: Module, setup: str, forward: str) -> bool:
    """Whether one element of the value depends on one element of the argument only."""
    probe = Probe("", 1, setup, forward, "")
    try:
        start = probe.prepared(module.namespace, 1)
        before = np.asarray(probe.advance(start).value("_out"))
        if before.ndim == 0:
            return True
        start.value("_a_z").flat[0] += 0.1
        changed = np.asarray(probe.advance(start).value("_out")) != before
        return not changed.ravel()[1:].any()
    except Exception:
        return False
