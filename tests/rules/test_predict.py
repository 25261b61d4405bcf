"""Predicted wrong gradients of activations and losses, against ones computed by hand; never the right one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from bpdoctor.autodiff.activations import elu, leaky, sigmoid
from bpdoctor.model.evidence import Local
from bpdoctor.rules import all_rules
from tests.rules.places import (
    BY_NAME,
    SHAPES,
    Array,
    assert_predicted,
    dense,
    end,
    fits,
    generator,
    layer,
    predictions,
)

# ---- activations


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softplus"])
def test_smooth_activations(name: str, shape: tuple[int, ...]) -> None:
    f = BY_NAME[name]
    local = layer(f, shape)
    z, g, a = local.value, local.upstream, local.after
    assert f.from_output is not None
    assert_predicted("double-activation-derivative", local, g * f.derivative(a))
    assert_predicted("activation-formula-on-preactivation", local, g * f.from_output(z))
    assert_predicted("missing-activation-derivative", local, g)
    assert_predicted("missing-upstream-gradient", local, f.derivative(z))
    assert_predicted("activation-derivative-of-gradient", local, g * f.derivative(g))
    assert_predicted("activation-derivative-of-gradient", local, g * (g > 0))


WRONG: dict[str, list[Callable[[Array, Array], Array]]] = {
    "sigmoid": [
        lambda z, a: 1 - a**2,
        lambda z, a: 1 - np.tanh(z) ** 2,
        lambda z, a: (z > 0) * 1.0,
        lambda z, a: 1 - a,
        lambda z, a: a,
        lambda z, a: a * (1 + a),
        lambda z, a: -a * (1 - a),
        lambda z, a: (a * (1 - a)) ** 2,
        lambda z, a: 1 - 2 * a,
    ],
    "tanh": [
        lambda z, a: a * (1 - a),
        lambda z, a: sigmoid(z) * (1 - sigmoid(z)),
        lambda z, a: 1 - a,
        lambda z, a: 1 + a**2,
        lambda z, a: a**2,
        lambda z, a: a**2 - 1,
        lambda z, a: np.sqrt(1 - a**2),
        lambda z, a: 2 * a,
        lambda z, a: (a >= 0) * 1.0,
    ],
    "relu": [
        lambda z, a: np.maximum(z, 0),
        lambda z, a: z,
        lambda z, a: a * (1 - a),
        lambda z, a: 1 - a**2,
        lambda z, a: (z < 0) * 1.0,
        lambda z, a: np.sign(z),
    ],
    "leaky relu": [lambda z, a: a, lambda z, a: 1 - a**2],
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", list(WRONG))
def test_wrong_factors(name: str, shape: tuple[int, ...]) -> None:
    local = layer(BY_NAME[name], shape)
    for factor in WRONG[name]:
        assert_predicted("wrong-activation-derivative", local, local.upstream * factor(local.value, local.after))


def test_factors_of_other_rules_are_left_to_them() -> None:
    for name in ("sigmoid", "tanh", "leaky relu"):
        f = BY_NAME[name]
        local = layer(f, (6, 4))
        assert f.from_output is not None
        for factor in (1.0, f.derivative(local.after), f.from_output(local.value)):
            for p in predictions("wrong-activation-derivative", local).values():
                assert not fits(p, local.upstream * factor), (name, p.label)


@pytest.mark.parametrize("shape", [(6, 4), (8,)])
def test_slopes(shape: tuple[int, ...]) -> None:
    slug = "activation-slope-mismatch"
    for f, slopes in (
        (leaky(0.1), (0, 0.01, 0.2, -0.1, 10.0)),
        (BY_NAME["relu"], (0.01, 0.1)),
        (elu(0.7), (0, 0.01)),
    ):
        local = layer(f, shape)
        for s in slopes:
            assert_predicted(slug, local, local.upstream * np.where(local.value > 0, 1.0, s))
    local = layer(elu(0.7), shape)
    assert_predicted(slug, local, local.upstream * np.where(local.value > 0, 1.0, np.exp(local.value)))
    assert_predicted(slug, local, local.upstream * np.where(local.value > 0, 1.0, local.after + 1))
    assert not predictions(slug, layer(BY_NAME["tanh"], shape))


def test_labels_do_not_depend_on_which_units_are_alive() -> None:
    """For a single living ReLU a missing factor is right, for a dead one wrong; both have the label."""
    f = BY_NAME["relu"]
    alive = Local("activation", np.array(0.5), np.array(2.0), np.array(2.0), np.array(0.5), f)
    dead = Local("activation", np.array(-0.5), np.array(0.0), np.array(2.0), np.array(0.0), f)
    for slug in ("missing-activation-derivative", "wrong-activation-derivative", "activation-slope-mismatch"):
        assert list(predictions(slug, alive)) == list(predictions(slug, dead)) != []


# ---- the end of the network


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4,), ()])
def test_logistic_output(shape: tuple[int, ...]) -> None:
    local = end("sigmoid", "binary cross-entropy", shape)
    o, t = local.output, local.target
    assert_predicted("unneeded-output-derivative", local, (o - t) * o * (1 - o) / 5)
    assert_predicted("loss-derivative", local, -t / o * o * (1 - o))
    assert not predictions("softmax-jacobian", local) or shape
    local = end("sigmoid", "squared error", shape)
    assert_predicted("loss-delta-mismatch", local, local.output - local.target)
    assert not predictions("unneeded-output-derivative", local)
    assert not predictions("missing-activation-derivative", local)


def test_cross_entropy_is_seen_without_a_known_target() -> None:
    local = end("sigmoid", "computed", (5, 3))
    blind = Local("activation", local.value, local.true, local.upstream, local.after, local.activation)
    assert_predicted("unneeded-output-derivative", blind, local.true * local.after * (1 - local.after))
    squared = end("sigmoid", "squared error", (5, 3))
    blind = Local("activation", squared.value, squared.true, squared.upstream, squared.after, squared.activation)
    assert not predictions("unneeded-output-derivative", blind)


def test_softmax_output() -> None:
    local = end("softmax", "squared error", (6, 4))
    s, t, g = local.output, local.target, local.upstream
    assert_predicted("softmax-jacobian", local, g * s * (1 - s))
    assert_predicted("softmax-jacobian", local, g * s)
    assert_predicted("softmax-jacobian", local, s * (g - (g * s).sum(axis=0)))
    assert_predicted("loss-delta-mismatch", local, s - t)
    local = end("softmax", "categorical cross-entropy", (6, 4))
    s, t = local.output, local.target
    assert_predicted("unneeded-output-derivative", local, (s - t) * s * (1 - s) / 6)
    assert_predicted("softmax-jacobian", local, -t / 6 * (1 - s))
    assert_predicted("loss-derivative", local, np.where(t > 0, -1, s))


@pytest.mark.parametrize("shape", [(7, 2), (7,)])
def test_linear_output(shape: tuple[int, ...]) -> None:
    rng = generator()
    o, t = rng.normal(size=shape), rng.normal(size=shape)
    local = Local("output", o, 2 * (o - t) / 7, output=o, target=t, form="squared error")
    assert_predicted("loss-derivative", local, (o - t) ** 2 / 7)
    assert_predicted("loss-derivative", local, np.abs(o - t))
    assert_predicted("loss-delta-mismatch", local, np.sign(o - t))
    p, y = sigmoid(o), (t > 0) * 1.0
    local = Local("output", p, (p - y) / (p * (1 - p)) / 7, output=p, target=y, form="binary cross-entropy")
    assert_predicted("loss-derivative", local, -(y / p) / 7)
    assert_predicted("loss-derivative", local, (1 - y) / (1 - p))
    assert_predicted("loss-delta-mismatch", local, p - y)


def test_single_output_is_not_taken_for_another_loss() -> None:
    """With one number every delta is a multiple of every other: a constant alone is no other loss."""
    for c in (1.0, 2.0, 0.5, 2 / 9, 1 / 9, -1.0):
        local = Local(
            "output",
            np.array(0.3),
            c * np.array(-0.8),
            output=np.array(0.3),
            target=np.array(1.1),
            form="computed",
        )
        assert "squared error" not in predictions("loss-delta-mismatch", local)


# ---- the right one


def locals_of_every_kind() -> Iterator[Local]:
    for shape in SHAPES[:3]:
        yield from (layer(f, shape, seed) for f in BY_NAME.values() for seed in (1, 2) if f.name != "exp")
    for loss in ("squared error", "binary cross-entropy"):
        yield from (end("sigmoid", loss, shape) for shape in ((5, 3), (4,)))
    yield from (end("softmax", loss, (6, 4)) for loss in ("squared error", "categorical cross-entropy"))
    for role in ("weight", "input"):
        yield from (dense(role, i=i, uses=k) for i in (3, 4) for k in (1, 2, 3))
    delta = generator().normal(size=(6, 4))
    yield Local("bias", delta[0] + 1, delta.sum(axis=0), deltas=(delta,))
    yield Local("bias", delta[:, :1] + 1, delta.sum(axis=1, keepdims=True), deltas=(delta,))
    data = dense("weight")
    yield Local("weight", data.value, data.true + data.value, uses=data.uses, penalty=data.value)


@pytest.mark.parametrize("slug", [r.slug for r in all_rules().values() if r.predict is not None])
def test_the_right_adjoint_is_never_predicted(slug: str) -> None:
    """Not even in disguise, as a multiple of a prediction whose scale is free."""
    for local in locals_of_every_kind():
        if slug == "recurrent-gradient-not-carried" and len(local.uses) == 1:
            continue  # the last time step, where this fault does not show
        for p in predictions(slug, local).values():
            assert not fits(p, local.true), (
                slug,
                p.label,
                local.role,
                getattr(local.activation, "name", None),
            )
