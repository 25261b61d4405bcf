"""Predicted wrong gradients of weights, biases and errors carried back, against ones computed by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bpdoctor.model.evidence import Link, Local
from tests.rules.places import BY_NAME, assert_predicted, dense, generator, predictions, use

# ---- products


def test_weight_gradient() -> None:
    local = dense("weight")
    (u,) = local.uses
    assert_predicted("weight-gradient-wrong-input", local, u.inputs["pre-activation"].T @ u.delta)
    assert_predicted("transposed-gradient", local, np.ascontiguousarray(local.true.T).reshape(local.true.shape))
    assert_predicted("backpropagated-error-wrong", local, u.x.T @ u.errors["before the activation derivative"])
    square = dense("weight", i=4, o=4)
    assert_predicted("transposed-gradient", square, square.true.T)
    same_shape = dense("weight", n=4, i=4, o=4)
    assert_predicted("weight-gradient-wrong-input", same_shape, same_shape.value.T @ same_shape.uses[0].delta)
    shared = dense("weight", uses=3)
    for k in (0, -1):
        u = shared.uses[k]
        assert_predicted("shared-weight-gradient-overwritten", shared, u.x.T @ u.delta)
    wrong = sum(u.inputs["pre-activation"].T @ u.delta for u in shared.uses)
    assert_predicted("weight-gradient-wrong-input", shared, wrong)


def test_backpropagated_error() -> None:
    local = dense("input", n=6, i=4, o=4)
    (u,) = local.uses
    assert_predicted("transposed-weights", local, u.delta @ u.w)
    assert_predicted("backpropagated-error-wrong", local, u.errors["before the activation derivative"] @ u.w.T)
    assert_predicted("backpropagated-error-wrong", local, u.delta)
    assert_predicted("backpropagated-error-wrong", local, u.delta.sum(axis=1, keepdims=True) * np.ones((1, 4)))
    wide = dense("input", i=4, o=3)
    (u,) = wide.uses
    assert_predicted("transposed-weights", wide, u.delta @ u.w.reshape(3, 4))


def test_products_seen_from_the_preactivation() -> None:
    below = dense("input", n=6, i=4, o=4, uses=2)
    f = BY_NAME["tanh"]
    z = generator(1).normal(size=(6, 4))
    local = Local("activation", z, below.true * f.derivative(z), below.true, f.function(z), f, uses=below.uses)
    one, two = below.uses
    kept = one.delta @ one.w.T * f.derivative(z)
    for place, wrong in ((local, kept), (below, one.delta @ one.w.T)):
        # What has several uses is a state only where one of them is a step in time.
        assert not predictions("recurrent-gradient-not-carried", place)
        onwards = replace(place, links=(Link("time", "left out", "time left out", lambda: None),))
        assert_predicted("recurrent-gradient-not-carried", onwards, wrong)
    assert_predicted("transposed-weights", local, (one.delta @ one.w + two.delta @ two.w) * f.derivative(z))
    assert_predicted("transposed-weights", local, kept + two.delta @ two.w * f.derivative(z))


def test_numbers() -> None:
    rng = generator()
    u = use(rng, np.array(0.4), np.array(-1.2))
    weight = Local("weight", u.w, u.x * u.delta, uses=(u,))
    assert_predicted("weight-gradient-wrong-input", weight, u.w * u.delta)
    assert_predicted("weight-gradient-wrong-input", weight, u.delta)
    assert not predictions("transposed-gradient", weight)
    value = Local("input", u.x, u.w * u.delta, uses=(u,))
    assert_predicted("backpropagated-error-wrong", value, u.delta)
    assert_predicted("backpropagated-error-wrong", value, u.w * u.errors["raw"])
    assert not predictions("transposed-weights", value)


# ---- biases and penalties


@pytest.mark.parametrize(("shape", "axis"), [((4,), 0), ((1, 4), 0), ((6, 1), 1)])
def test_bias(shape: tuple[int, ...], axis: int) -> None:
    delta = generator().normal(size=(6, 4))
    true, n = delta.sum(axis=axis).reshape(shape), delta.shape[axis]
    local = Local("bias", generator(2).normal(size=shape), true, deltas=(delta,))
    assert_predicted("bias-gradient-scale", local, true / n)
    assert_predicted("bias-gradient-scale", local, true * n)
    assert_predicted("bias-gradient-axis", local, np.full(shape, delta.sum()))
    assert_predicted("bias-gradient-axis", local, np.full(shape, delta.mean()))
    assert_predicted("bias-gradient-axis", local, np.take(delta, -1, axis=axis).reshape(shape))
    assert_predicted("bias-gradient-axis", local, delta)
    assert_predicted("bias-update", local, 0.3 * local.value)
    assert_predicted("bias-update", local, true * local.value)


def test_bias_summed_over_the_units_of_a_square_layer() -> None:
    delta = generator().normal(size=(5, 5))
    local = Local("bias", np.ones(5), delta.sum(axis=0), deltas=(delta,))
    assert_predicted("bias-gradient-axis", local, delta.sum(axis=1))
    column = Local("bias", np.ones((5, 1)), delta.sum(axis=1, keepdims=True), deltas=(delta,))
    assert_predicted("bias-gradient-axis", column, delta.sum(axis=0).reshape(5, 1))


def test_bias_of_numbers_and_of_several_uses() -> None:
    parts = tuple(np.asarray(x) for x in generator().normal(size=3))
    local = Local("bias", np.array(0.2), np.asarray(sum(parts)), deltas=parts)
    assert_predicted("bias-gradient-scale", local, sum(parts) / 3)
    assert_predicted("shared-weight-gradient-overwritten", local, parts[-1])
    assert_predicted("bias-update", local, np.array(0.2))
    assert not predictions("bias-gradient-axis", Local("bias", np.array(0.2), parts[0], deltas=parts[:1]))


def test_bias_from_the_weight_gradient() -> None:
    w = dense("weight")
    (u,) = w.uses
    local = Local("bias", np.array([0.1, 0.2, -0.4]), u.delta.sum(axis=0), uses=w.uses, deltas=(u.delta,))
    assert_predicted("bias-update", local, w.true.sum(axis=0))


def test_penalty() -> None:
    data = dense("weight")
    penalty = 0.03 * data.value
    local = Local("weight", data.value, data.true + penalty, uses=data.uses, penalty=penalty)
    assert_predicted("regularisation-gradient-missing", local, data.true)
    assert_predicted("regularisation-gradient-sign", local, data.true - penalty)
    for c in (2, 0.5, 1 / 6, 6):
        assert_predicted("regularisation-gradient-scale", local, data.true + c * penalty)
    assert_predicted("regularisation-gradient-scale", local, data.true + 0.03 * np.sign(data.value))
    for slug in ("missing", "sign", "scale"):
        assert not predictions(f"regularisation-gradient-{slug}", data)
