"""Gradients written by hand for other frameworks, where those are installed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bpdoctor import check_gradients, check_layer

RNG = np.random.default_rng(0)
X, W = RNG.normal(size=(4, 3)), RNG.normal(size=(3, 2))


def jax_dense(power: int) -> Any:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)

    @jax.custom_vjp
    def dense(x: Any, w: Any) -> Any:
        return jax.numpy.tanh(x @ w)

    def backward(kept: Any, upstream: Any) -> Any:
        x, w = kept
        delta = upstream * (1 - dense(x, w) ** power)
        return delta @ w.T, x.T @ delta

    dense.defvjp(lambda x, w: (dense(x, w), (x, w)), backward)
    return dense


def torch_dense(power: int) -> Any:
    torch = pytest.importorskip("torch")

    class Dense(torch.autograd.Function):  # type: ignore[name-defined, misc]
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


@pytest.mark.parametrize("dense", [jax_dense, torch_dense])
def test_layer(dense: Any) -> None:
    report = check_layer(dense(2), None, (X, W))
    assert report, str(report)
    assert [g.parameter for g in report.gradients] == ["x", "w"]
    assert check_layer(dense(1), None, (X, W)).verdict == "sick"


@pytest.mark.parametrize("factor", [2, 1])
def test_jax_loss(factor: int) -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)

    @jax.custom_vjp
    def loss(params: Any, x: Any) -> Any:
        return jax.numpy.sum((x @ params["w"] + params["b"]) ** 2)

    def backward(kept: Any, upstream: Any) -> Any:
        params, x = kept
        delta = factor * upstream * (x @ params["w"] + params["b"])
        return {"w": x.T @ delta, "b": delta.sum(0)}, jax.numpy.zeros_like(x)

    loss.defvjp(lambda params, x: (loss(params, x), (params, x)), backward)
    report = check_gradients(loss, None, {"w": jax.numpy.asarray(W), "b": np.ones(2)}, args=(X,))
    assert bool(report) == (factor == 2), str(report)


@pytest.mark.parametrize("factor", [2, 1])
def test_torch_loss(factor: int) -> None:
    torch = pytest.importorskip("torch")

    class Loss(torch.autograd.Function):  # type: ignore[name-defined, misc]
        @staticmethod
        def forward(ctx: Any, w: Any, x: Any) -> Any:
            ctx.save_for_backward(w, x)
            return ((x @ w) ** 2).sum()

        @staticmethod
        def backward(ctx: Any, upstream: Any) -> Any:
            w, x = ctx.saved_tensors
            return factor * upstream * x.T @ (x @ w), None

    report = check_gradients(Loss, None, torch.tensor(W), args=(X,))
    assert bool(report) == (factor == 2), str(report)
