"""The door for a layer: a forward function and the backward function that carries gradients through it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bpdoctor.blackbox.calling import POSITIONAL, attributes, partners
from bpdoctor.blackbox.frameworks import as_layer, plain
from bpdoctor.blackbox.parameters import Array, NotParameters
from bpdoctor.blackbox.reporting import examined
from bpdoctor.blackbox.sides import Sides
from bpdoctor.model.report import Report

CACHE_NAMES = frozenset({"cache", "ctx", "context", "saved", "memory", "caches"})


def check_layer(
    forward: Any,
    backward: Callable[..., Any] | None = None,
    inputs: Any = None,
    *,
    names: Sequence[str] = (),
    parameters: bool = True,
    seed: int = 0,
    complex_step: bool | None = None,
) -> Report:
    """Check that a layer's backward pass is the transposed derivative of its forward pass.

    Parameters
    ----------
    forward : callable, an object with `forward` and `backward`, `torch.autograd.Function` or `jax.custom_vjp`
        ``forward(*inputs)`` returns the output, or ``(output, cache)``.
    backward : callable, optional
        ``backward(upstream)``, ``backward(upstream, cache)`` or ``backward(cache, upstream)``: the gradient of
        each floating-point input, in order, as an array, a tuple or a dict by name.
    inputs : array or sequence of arrays
        What forward is called with; integers (labels, indices) are passed on and not differentiated by.
    names : sequence of str
        Names of the inputs; by default those of forward's arguments.
    parameters : bool
        Whether attributes of the layer with a gradient beside them (``dW`` beside ``W``) are checked too.
    seed : int
        Seed of the upstream gradient and of the directions.
    complex_step : bool, optional
        False for functions that must not be called with complex numbers.

    Returns
    -------
    Report

    Examples
    --------
    >>> import numpy as np
    >>> from bpdoctor import check_layer
    >>> def forward(x, w):
    ...     return np.tanh(x @ w), (x, w)
    >>> def backward(upstream, cache):
    ...     x, w = cache
    ...     d = upstream * (1 - np.tanh(x @ w) ** 2)
    ...     return d @ w.T, x.T @ d
    >>> x, w = np.array([[0.1, -0.4]]), np.array([[0.3, 0.2], [-0.5, 0.7]])
    >>> bool(check_layer(forward, backward, (x, w)))
    True
    """
    foreign = as_layer(forward) if backward is None else None
    if foreign is not None:
        forward, backward, complex_step = *foreign, False
        inputs = plain(inputs)
    layer = _Layer(forward, backward, inputs, names, seed, parameters)
    grads = layer.gradient
    sides = Sides(layer.loss, grads, layer.given, seed=seed)
    sides.random.own += layer.randomness(seed)
    sides.data += layer.passed_on()
    sides.pointed = (layer.forward, layer.backward)
    try:
        report = examined(sides, seed, complex_step=complex_step)
    finally:
        layer.restore()
    said = "the loss is the inner product of the output with a fixed random upstream gradient"
    return replace(report, assumptions=(said, *report.assumptions))


class _Layer:
    """A loss ⟨upstream, forward(inputs)⟩ and its gradient by one call of backward."""

    def __init__(
        self, forward: Any, backward: Any, inputs: Any, names: Sequence[str], seed: int, parameters: bool
    ) -> None:
        self.owner = getattr(forward, "__self__", None) if callable(forward) else forward
        if backward is None:
            self.owner, backward, forward = forward, forward.backward, forward.forward
        self.forward, self.backward, self.seed = forward, backward, seed
        self.inputs = list(inputs) if isinstance(inputs, tuple | list) and not _is_vector(inputs) else [inputs]
        self.labels = list(names) or _argument_names(forward, len(self.inputs))
        self.given: dict[str, Any] = {
            label: value for label, value in zip(self.labels, self.inputs, strict=True) if _is_float(value)
        }
        if not self.given:
            raise NotParameters("none of the inputs is floating-point")
        self.own: dict[str, Any] = {}
        self.upstream: Array = np.empty(0)
        result = self._run(self.given)
        output = np.asarray(_output(result))
        self.upstream = np.random.default_rng([seed, 4]).uniform(0.5, 1.5, output.shape)
        self.upstream *= np.where(np.random.default_rng([seed, 6]).random(output.shape) < 0.5, -1, 1)
        if output.dtype == np.float32:
            self.upstream = self.upstream.astype(np.float32)
        if parameters and self.owner is not None and hasattr(self.owner, "__dict__"):
            self._find_parameters(result)

    def _find_parameters(self, result: Any) -> None:
        mine = attributes(self.owner)
        self._carry(result)
        for name, value in mine.items():
            held = any(value is v for v in self.inputs)
            if not held and name not in self.given and partners(self.owner, name) is not None:
                self.own[name] = value
        self.given.update(self.own)

    def loss(self, given: dict[str, Any]) -> Any:
        """The inner product of the output with the upstream gradient."""
        return np.sum(self.upstream * np.asarray(_output(self._run(given))))

    def gradient(self, given: dict[str, Any]) -> dict[str, Any]:
        """What backward returns, by the names of the inputs, and what it leaves beside the parameters."""
        returned = self._carry(self._run(given))
        found = self._by_name(returned)
        for name in self.own:
            kept = partners(self.owner, name)
            found[name] = np.array(kept) if kept is not None else None
        return found

    def _by_name(self, returned: Any) -> dict[str, Any]:
        wanted = [label for label in self.labels if label in self.given]
        if isinstance(returned, dict):
            return {w: next((returned[k] for k in (w, f"d{w}", f"d_{w}") if k in returned), None) for w in wanted}
        if isinstance(returned, tuple | list) and not _is_vector(returned):
            if len(returned) == len(self.labels):
                return {w: returned[self.labels.index(w)] for w in wanted}
            return dict(zip(wanted, [*returned, *[None] * len(wanted)], strict=False))
        return dict(zip(wanted, [returned, *[None] * len(wanted)], strict=False))

    def _run(self, given: dict[str, Any]) -> Any:
        for name in self.own:
            setattr(self.owner, name, given[name])
        arguments = [given.get(label, value) for label, value in zip(self.labels, self.inputs, strict=True)]
        return self.forward(*arguments)

    def _carry(self, result: Any) -> Any:
        """Call backward as its signature wants it."""
        upstream = self.upstream.copy()
        cache = result[1:] if isinstance(result, tuple) else ()
        places = _places(self.backward)
        if len(places) <= 1 or not cache:
            return self.backward(upstream)
        if len(cache) == 1 and isinstance(cache[0], tuple) and len(places) == 1 + len(cache[0]) > 2:
            cache = cache[0]
        return self.backward(*cache, upstream) if places[0] in CACHE_NAMES else self.backward(upstream, *cache)

    def restore(self) -> None:
        """Put the layer's own parameters back."""
        for name, value in self.own.items():
            setattr(self.owner, name, value)

    def randomness(self, seed: int) -> list[Any]:
        """Generators that the layer's functions can reach, to be rewound before each call."""
        from bpdoctor.blackbox.randomness import Frozen

        return Frozen([self.forward, self.backward], [], seed).own

    def passed_on(self) -> list[tuple[Array, Array]]:
        """Arrays that are handed over and not differentiated by; they must not change."""
        return [(v, v.copy()) for v in self.inputs if isinstance(v, np.ndarray) and not _is_float(v)]


def _output(result: Any) -> Any:
    return result[0] if isinstance(result, tuple) else result


def _is_vector(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, float | int) for v in value)


def _is_float(value: Any) -> bool:
    return isinstance(value, float) or (isinstance(value, np.ndarray | np.generic) and value.dtype.kind == "f")


def _places(function: Callable[..., Any]) -> list[str]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    return [p.name for p in parameters if p.kind in POSITIONAL and p.default is inspect.Parameter.empty]


def _argument_names(function: Callable[..., Any], count: int) -> list[str]:
    try:
        parameters = inspect.signature(function).parameters.values()
        found = [p.name for p in parameters if p.kind in POSITIONAL][:count]
    except (TypeError, ValueError):
        found = []
    return found if len(found) == count else [f"input[{i}]" for i in range(count)]
