"""Random two-layer networks with a right gradient: shapes, dtypes, kinks, noise, penalties, scales."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Params = dict[str, Any]


def logistic(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


ACTIVATIONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
    "logistic": (logistic, lambda z: logistic(z) * (1 - logistic(z))),
    "leaky": (lambda z: np.where(z > 0, z, 0.1 * z), lambda z: np.where(z > 0, 1.0, 0.1)),
    "abs": (np.abs, np.sign),
    "softplus": (lambda z: np.log1p(np.exp(z)), logistic),
    "identity": (lambda z: z, np.ones_like),
}
LOSSES = ("square", "huber", "absolute", "cast", "noise")


@dataclass(slots=True)
class Problem:
    """A loss with its right gradient, and what it is made of."""

    loss: Callable[[Params], Any]
    gradient: Callable[[Params], Params]
    params: Params
    form: str
    penalty: float
    samples: int


def problem(seed: int) -> Problem:
    """The same problem for the same seed."""
    rng = np.random.default_rng(seed)
    inputs, hidden, outputs = (int(n) for n in rng.integers(1, 9, 3))
    samples = int(rng.integers(1, 9))
    dtype = np.float32 if rng.random() < 0.35 else np.float64
    act, slope = ACTIVATIONS[list(ACTIVATIONS)[int(rng.integers(len(ACTIVATIONS)))]]
    form = str(rng.choice(LOSSES, p=(0.5, 0.15, 0.15, 0.1, 0.1)))
    scale = 10.0 ** rng.uniform(-3, 0.7)
    x = rng.normal(size=(samples, inputs)) * 10.0 ** rng.uniform(-1, 0.7)
    x = (np.round(x) if rng.random() < 0.2 else x).astype(dtype)
    y = rng.normal(size=(samples, outputs)).astype(dtype)
    params = {
        "W1": rng.normal(size=(inputs, hidden)) * scale / np.sqrt(inputs),
        "b1": np.zeros(hidden) if rng.random() < 0.5 else rng.normal(size=hidden),
        "W2": rng.normal(size=(hidden, outputs)) * scale / np.sqrt(hidden),
        "b2": np.zeros(outputs),
    }
    if rng.random() < 0.05:
        params["W1"][:] = 0
    params = {name: value.astype(dtype) for name, value in params.items()}
    penalty = float(rng.choice((0, 0.1, 1e-3)))
    share = float(rng.choice((1.0, 1 / samples, 0.5 / samples, 1 / (samples * outputs))))

    def forward(p: Params) -> tuple[Any, Any, Any]:
        z = x @ p["W1"] + p["b1"]
        a = act(z)
        return z, a, a @ p["W2"] + p["b2"]

    def loss(p: Params) -> Any:
        e = forward(p)[2] - y
        value = _loss(form, e) * share + 0.5 * penalty * ((p["W1"] ** 2).sum() + (p["W2"] ** 2).sum())
        if form == "cast":
            return np.float32(value.real)
        if form == "noise":
            print_of = zlib.crc32(np.concatenate([np.real(v).ravel() for v in p.values()]).tobytes())
            return value * (1 + 1e-9 * np.random.RandomState(print_of).normal())
        return value

    def gradient(p: Params) -> Params:
        z, a, out = forward(p)
        d = (_slope(form, out - y) * share).astype(out.dtype)
        dz = (d @ p["W2"].T) * slope(z).astype(out.dtype)
        return {
            "W1": x.T @ dz + penalty * p["W1"],
            "b1": dz.sum(axis=0),
            "W2": a.T @ d + penalty * p["W2"],
            "b2": d.sum(axis=0),
        }

    return Problem(loss, gradient, params, form, penalty, samples)


def _loss(form: str, e: Any) -> Any:
    if form == "huber":
        return np.where(np.abs(e) < 1, 0.5 * e * e, np.abs(e) - 0.5).sum()
    return np.abs(e).sum() if form == "absolute" else 0.5 * (e * e).sum()


def _slope(form: str, e: Any) -> Any:
    if form == "huber":
        return np.where(np.abs(e) < 1, e, np.sign(e))
    return np.sign(e) if form == "absolute" else e


# ---- planted errors


def planted(p: Problem, seed: int) -> tuple[str, Callable[[Params], Params]]:
    """A wrong gradient made of the right one, and what was done to it; empty where nothing changes by 1 %."""
    rng = np.random.default_rng([seed, 99])
    name = str(rng.choice([n for n, v in p.params.items() if v.size]))
    kind = str(rng.choice(("entry", "entry", "entry", "scale", "sign", "row", "transpose", "zero", "mean", "penalty")))
    at = int(rng.integers(p.params[name].size))
    factor = float(rng.choice((1.01, 0.9, 2.0, -1.0, 0.0)))
    k = float(rng.choice((2, 0.5, max(p.samples, 2), 1 / max(p.samples, 2))))

    def wrong(params: Params) -> Params:
        g = {n: np.array(v) for n, v in p.gradient(params).items()}
        if kind == "entry":
            g[name].flat[at] *= factor
        elif kind == "scale":
            g = {n: (k * v).astype(v.dtype) for n, v in g.items()}
        elif kind == "sign":
            g[name] = -g[name]
        elif kind == "row":
            g[name][at // (g[name].size // len(g[name]))] *= factor
        elif kind == "transpose" and g[name].ndim == 2:
            g[name] = np.ascontiguousarray(g[name].T).reshape(g[name].shape)
        elif kind == "zero":
            g[name] = np.zeros_like(g[name])
        elif kind == "mean":
            g["b1"], g["b2"] = g["b1"] / max(p.samples, 2), g["b2"] / max(p.samples, 2)
        elif kind == "penalty":
            g["W1"] = g["W1"] - p.penalty * params["W1"]
        return {n: v.astype(params[n].dtype) for n, v in g.items()}

    return f"{kind} of {name}", wrong


def change(p: Problem, wrong: Callable[[Params], Params]) -> dict[str, tuple[float, float]]:
    """For each parameter the largest difference of an entry, and that entry's share of the largest entry."""
    right, other = p.gradient(p.params), wrong(p.params)
    found = {}
    for name, value in right.items():
        gap = np.abs(other[name].astype(float) - value)
        found[name] = (float(gap.max()), float(np.abs(value).max()))
    return found
