"""(g) A training step that a monitor is told of, in units of the step alone."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

import bpdoctor
from tests.benchmarks.table import clock, seconds, show, times, within

BUDGET = 1.05
STEPS = 1500


class Digits:
    """A 784-256-10 network in float64, batch 64."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.rng = rng
        self.W1, self.b1 = rng.normal(size=(784, 256)) / 28, np.zeros(256)
        self.W2, self.b2 = rng.normal(size=(256, 10)) / 16, np.zeros(10)
        self.x, self.t = rng.random((64, 784)), np.eye(10)[rng.integers(0, 10, 64)]

    def step(self) -> float:
        self.h = np.maximum(self.x @ self.W1 + self.b1, 0)
        z = self.h @ self.W2 + self.b2
        e = np.exp(z - z.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        d = (p - self.t) / 64
        self.dW2, self.db2 = self.h.T @ d, d.sum(axis=0)
        dh = d @ self.W2.T * (self.h > 0)
        self.dW1, self.db1 = self.x.T @ dh, dh.sum(axis=0)
        for name in ("W1", "b1", "W2", "b2"):
            setattr(self, name, getattr(self, name) - 1e-3 * getattr(self, "d" + name))
        return float(-np.sum(self.t * np.log(p)) / 64)


def main() -> None:
    """Print the cost of both ways to be told; NumPy works with one thread, so that other work disturbs less."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "-m", "tests.benchmarks.monitoring"], env=environment, check=True)


def _table() -> None:
    told: dict[str, Callable[[Digits, Path], Callable[[float], None]]] = {"Monitor": _told, "watch": _found}
    ratios = {name: _ratio(way) for name, way in told.items()}
    rows = [[name, seconds(plain), times(ratio), within(ratio, BUDGET)] for name, (plain, ratio) in ratios.items()]
    show(
        "(g) one step of a 784-256-10 network, batch 64, with a record on disk",
        ["told by", "step", "with monitor", "budget"],
        rows,
    )


def _told(net: Digits, path: Path) -> Callable[[float], None]:
    monitor = bpdoctor.Monitor(path, live=False)

    def tell(loss: float) -> None:
        monitor.step(
            loss,
            activations={"h": net.h},
            gradients={"W1": net.dW1, "b1": net.db1, "W2": net.dW2, "b2": net.db2},
            parameters={"W1": net.W1, "b1": net.b1, "W2": net.W2, "b2": net.b2},
        )

    return tell


def _found(net: Digits, path: Path) -> Callable[[float], None]:
    return bpdoctor.watch(net, path, live=False).step


def _ratio(way: Callable[[Digits, Path], Callable[[float], None]]) -> tuple[float, float]:
    """A step of a watched run, and how much longer it takes with what telling costs.

    Nothing else is done in between: the monitor spends a share of the time that it sees passing.
    """
    net = Digits()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tell = way(net, Path(folder) / "run.jsonl")
        pairs = [(clock(net.step), clock(lambda: tell(1.0))) for _ in range(STEPS)]
    stepping, telling = (statistics.fmean(column) for column in zip(*pairs, strict=True))
    return stepping, 1 + telling / stepping


if __name__ == "__main__":
    _table()
