"""Parameters in dicts of an object, and in the layers within it, are examined; what they held is put back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bpdoctor import check_gradients, check_layer

R = np.random.default_rng(4)
X, Y = R.normal(size=(6, 3)), R.normal(size=(6, 2))


class Affine:
    """Keeps its gradients beside its parameters, its input and the gradient of that, too."""

    def __init__(self, inputs: int, outputs: int, factor: float = 1.0) -> None:
        self.kernel, self.shift, self.factor = R.normal(size=(inputs, outputs)), R.normal(size=outputs), factor

    def forward(self, data: Any) -> Any:
        self.data = data
        return data @ self.kernel + self.shift

    def backward(self, upstream: Any) -> Any:
        self.dkernel, self.dshift = self.data.T @ upstream, self.factor * upstream.sum(axis=0)
        self.ddata = upstream @ self.kernel.T
        return self.ddata


class Bend:
    """A layer without parameters."""

    def forward(self, data: Any) -> Any:
        self.data = data
        return np.tanh(data)

    def backward(self, upstream: Any) -> Any:
        self.ddata = upstream * (1 - np.tanh(self.data) ** 2)
        return self.ddata


class Stack:
    """Layers in a list; `known` names their arrays, and is read by nothing."""

    def __init__(self, factor: float = 1.0) -> None:
        self.layers: list[Any] = [Affine(3, 4), Bend(), Affine(4, 2, factor)]
        self.known = {f"kernel{i}": self.layers[i].kernel for i in (0, 2)}
        self.grads: dict[str, Any] = {}

    def forward(self, data: Any) -> Any:
        for layer in self.layers:
            data = layer.forward(data)
        return data

    def backward(self, upstream: Any) -> Any:
        for layer in reversed(self.layers):
            upstream = layer.backward(upstream)
        self.grads = {f"kernel{i}": self.layers[i].dkernel for i in (0, 2)}
        return upstream

    def loss(self, data: Any, wanted: Any) -> Any:
        self.off = self.forward(data) - wanted
        return np.mean(self.off**2)

    def slopes(self, data: Any, wanted: Any) -> None:
        self.loss(data, wanted)
        self.backward(2 * self.off / self.off.size)


class Tables:
    """All parameters in one dict, all gradients in another."""

    def __init__(self, factor: float = 1.0) -> None:
        self.params = {"w": R.normal(size=(3, 2)), "b": R.normal(size=2)}
        self.grads: dict[str, Any] = {}
        self.factor = factor

    def forward(self, data: Any) -> Any:
        self.data = data
        return data @ self.params["w"] + self.params["b"]

    def backward(self, upstream: Any) -> Any:
        self.grads["w"], self.grads["b"] = self.data.T @ upstream, self.factor * upstream.sum(axis=0)
        return upstream @ self.params["w"].T


INNER = ["layers[0].kernel", "layers[0].shift", "layers[2].kernel", "layers[2].shift"]


def wrong(report: Any) -> list[str]:
    return [g.parameter for g in report.gradients if g.status != "ok"]


@pytest.mark.parametrize("used", [False, True], ids=["new", "used before"])
def test_layers_within_a_layer(used: bool) -> None:
    for factor, found in ((1.0, []), (3.0, ["layers[2].shift"])):
        net = Stack(factor)
        if used:
            net.slopes(X, Y)
        report = check_layer(net, inputs=X)
        assert [g.parameter for g in report.gradients] == ["data", *INNER]
        assert wrong(report) == found


def test_layers_within_an_object_with_a_loss() -> None:
    for factor, found in ((1.0, []), (3.0, ["layers[2].shift"])):
        net = Stack(factor)
        report = check_gradients(net.loss, net.slopes, net, args=(X, Y))
        assert [g.parameter for g in report.gradients] == INNER
        assert wrong(report) == found


def test_parameters_in_a_dict() -> None:
    for factor, found in ((1.0, []), (1 / 6, ["params.b"])):
        report = check_layer(Tables(factor), inputs=X)
        assert [g.parameter for g in report.gradients] == ["data", "params.w", "params.b"]
        assert wrong(report) == found


@pytest.mark.parametrize("make", [Stack, Tables])
def test_everything_is_put_back(make: Any) -> None:
    net = make()
    before = dict(vars(net))
    numbers = {name: [*value] if isinstance(value, dict | list) else value for name, value in before.items()}
    output = net.forward(X)
    check_layer(net, inputs=X)
    assert all(getattr(net, name) is value for name, value in before.items())
    assert all([*getattr(net, n)] == v for n, v in numbers.items() if isinstance(v, list))
    assert np.array_equal(net.forward(X), output)


class Called(Affine):
    """Run by calling it."""

    forward = None  # type: ignore[assignment]

    def __call__(self, data: Any) -> Any:
        return Affine.forward(self, data)


def test_a_layer_that_is_called() -> None:
    assert wrong(check_layer(Called(3, 2), inputs=X)) == []
    assert wrong(check_layer(Called(3, 2, factor=2.0), inputs=X)) == ["shift"]


def test_what_is_no_layer_is_told() -> None:
    with pytest.raises(TypeError, match="object has no method `forward`"):
        check_layer(object(), inputs=X)
    with pytest.raises(TypeError, match="has no method `backward`"):
        check_layer(np.tanh, inputs=X)
