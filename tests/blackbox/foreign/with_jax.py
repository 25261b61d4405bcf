"""`jax.custom_vjp`: a dense layer and a loss, right with the true exponent or factor and wrong with another."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from bpdoctor import check_gradients, check_layer

RNG = np.random.default_rng(0)
X, W = RNG.normal(size=(4, 3)), RNG.normal(size=(3, 2))


def dense(power: int) -> Any:
    @jax.custom_vjp
    def layer(x: Any, w: Any) -> Any:
        return jax.numpy.tanh(x @ w)

    def backward(kept: Any, upstream: Any) -> Any:
        x, w = kept
        delta = upstream * (1 - layer(x, w) ** power)
        return delta @ w.T, x.T @ delta

    layer.defvjp(lambda x, w: (layer(x, w), (x, w)), backward)
    return layer


def squared(factor: int) -> Any:
    @jax.custom_vjp
    def loss(params: Any, x: Any) -> Any:
        return jax.numpy.sum((x @ params["w"] + params["b"]) ** 2)

    def backward(kept: Any, upstream: Any) -> Any:
        params, x = kept
        delta = factor * upstream * (x @ params["w"] + params["b"])
        return {"w": x.T @ delta, "b": delta.sum(0)}, jax.numpy.zeros_like(x)

    loss.defvjp(lambda params, x: (loss(params, x), (params, x)), backward)
    return loss


def main() -> None:
    jax.config.update("jax_enable_x64", True)
    report = check_layer(dense(2), None, (X, W))
    assert report, str(report)
    assert [g.parameter for g in report.gradients] == ["x", "w"]
    assert check_layer(dense(1), None, (X, W)).verdict == "sick"
    params = {"w": jax.numpy.asarray(W), "b": np.ones(2)}
    report = check_gradients(squared(2), None, params, args=(X,))
    assert report, str(report)
    report = check_gradients(squared(1), None, params, args=(X,))
    assert report.verdict == "sick"
    assert "1/2" in str(report), str(report)


if __name__ == "__main__":
    main()
