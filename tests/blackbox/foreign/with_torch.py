"""`torch.autograd.Function`: a dense layer and a loss, right with the true exponent or factor, wrong with another."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from bpdoctor import check_gradients, check_layer

RNG = np.random.default_rng(0)
X, W = RNG.normal(size=(4, 3)), RNG.normal(size=(3, 2))


def dense(power: int) -> Any:
    class Dense(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any, w: Any) -> Any:
            ctx.save_for_backward(x, w)
            return torch.tanh(x @ w)

        @staticmethod
        def backward(ctx: Any, upstream: Any) -> Any:
            x, w = ctx.saved_tensors
            delta = upstream * (1 - torch.tanh(x @ w) ** power)
            return delta @ w.T, x.T @ delta

    return Dense


def squared(factor: int) -> Any:
    class Loss(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, w: Any, x: Any) -> Any:
            ctx.save_for_backward(w, x)
            return ((x @ w) ** 2).sum()

        @staticmethod
        def backward(ctx: Any, upstream: Any) -> Any:
            w, x = ctx.saved_tensors
            return factor * upstream * x.T @ (x @ w), None

    return Loss


def main() -> None:
    report = check_layer(dense(2), None, (X, W))
    assert report, str(report)
    assert [g.parameter for g in report.gradients] == ["x", "w"]
    assert check_layer(dense(1), None, (X, W)).verdict == "sick"
    report = check_gradients(squared(2), None, torch.tensor(W), args=(X,))
    assert report, str(report)
    report = check_gradients(squared(1), None, torch.tensor(W), args=(X,))
    assert report.verdict == "sick"
    assert "1/2" in str(report), str(report)


if __name__ == "__main__":
    main()
