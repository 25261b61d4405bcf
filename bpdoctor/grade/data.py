"""Inputs: how an array is described in the assignment, and how it is drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bpdoctor.grade.protocol import Array

_KINDS = {"normal", "uniform", "integers", "onehot", "probabilities", "binary"}
_KEYS = {"shape", "kind", "low", "high", "classes", "scale", "value"}


def is_shape(value: Any) -> bool:
    """Say whether it is a list of lengths."""
    return isinstance(value, list) and all(type(n) is int and 0 < n <= 4096 for n in value)


def is_spec(value: Any) -> bool:
    """A shape, a number, or a table with shape and kind."""
    if isinstance(value, dict):
        known = set(value) <= _KEYS and value.get("kind", "normal") in _KINDS
        return known and ("value" in value or is_shape(value.get("shape")))
    return is_shape(value) or (isinstance(value, int | float) and not isinstance(value, bool))


def are_specs(value: Any) -> bool:
    """Say whether it is a table of named inputs."""
    return isinstance(value, dict) and bool(value) and all(is_spec(v) for v in value.values())


def are_arguments(value: Any) -> bool:
    """Say whether it is a list of inputs."""
    return isinstance(value, list) and all(is_spec(v) for v in value)


def differentiable(spec: Any) -> bool:
    """Labels and plain numbers are not differentiated unless they are asked for."""
    return is_shape(spec) or (isinstance(spec, dict) and spec.get("kind", "normal") in ("normal", "uniform"))


def generator(*words: Any) -> np.random.Generator:
    """Return a generator that depends on the words alone, on every machine."""
    digest = hashlib.sha256("\x1f".join(map(str, words)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))


def drawn(specs: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Draw every input, in order."""
    return {name: draw(spec, rng) for name, spec in specs.items()}


def draw(spec: Any, rng: np.random.Generator) -> Any:
    """Draw one input. Normal numbers keep away from 0, where ReLU has its kink."""
    if isinstance(spec, int | float):
        return spec
    if isinstance(spec, list):
        spec = {"shape": spec}
    if "value" in spec:
        value = spec["value"]
        return np.asarray(value) if isinstance(value, list) else value
    shape, kind = tuple(spec["shape"]), spec.get("kind", "normal")
    classes = int(spec.get("classes", 3))
    if kind == "normal":
        values = rng.standard_normal(shape)
        return float(spec.get("scale", 1.0)) * (values + np.copysign(0.05, values))
    if kind == "uniform":
        return rng.uniform(spec.get("low", 0.0), spec.get("high", 1.0), shape)
    if kind == "integers":
        return rng.integers(int(spec.get("low", 0)), int(spec.get("high", classes)), shape)
    if kind == "binary":
        return rng.integers(0, 2, shape).astype(float)
    if kind == "onehot":
        return np.eye(shape[-1])[rng.integers(0, shape[-1], shape[:-1])]
    weights = rng.uniform(0.2, 1.0, shape)
    return weights / weights.sum(axis=-1, keepdims=True)


# ---- data to train on


def table(path: Path) -> tuple[Array, Array]:
    """Return inputs and whole labels from a file of comma-separated numbers; a line of titles may stand first."""
    rows = np.genfromtxt(path, delimiter=",", ndmin=2)
    rows = rows[1:] if len(rows) and np.isnan(rows[0]).all() else rows
    if rows.shape[0] < 4 or rows.shape[1] < 2 or not np.isfinite(rows).all():
        raise ValueError("at least four rows of two numbers are needed")
    labels = rows[:, -1]
    if (labels != labels.round()).any() or labels.min() < 0:
        raise ValueError("labels count from 0")
    return rows[:, :-1], labels.astype(int)


def points(name: str, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return inputs (n, 2) and labels (n,) of a small task."""
    if name == "xor":
        signs = rng.integers(0, 2, (count, 2))
        return signs + 0.1 * rng.standard_normal((count, 2)), signs[:, 0] ^ signs[:, 1]
    labels = np.arange(count) % 2
    if name == "circles":
        angle = rng.uniform(0, 2 * np.pi, count)
        radius = 1.0 + labels + 0.15 * rng.standard_normal(count)
        return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1), labels
    if name == "moons":
        angle = rng.uniform(0, np.pi, count)
        x = np.where(labels == 0, np.cos(angle), 1 - np.cos(angle))
        y = np.where(labels == 0, np.sin(angle), 0.5 - np.sin(angle))
        return np.stack([x, y], 1) + 0.1 * rng.standard_normal((count, 2)), labels
    centres = np.array([[-1.5, -1.0], [1.5, 1.0]])
    return centres[labels] + 0.6 * rng.standard_normal((count, 2)), labels


TASKS = ("xor", "circles", "moons", "blobs")
