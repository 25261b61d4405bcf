"""The door for a layer: a forward function and the backward function that carries gradients through it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bpdoctor.blackbox.calling import POSITIONAL, attributes, left_out, partners, unread
from bpdoctor.blackbox.frameworks import as_layer, plain
from bpdoctor.blackbox.holders import Saved, holders
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
        Whether attributes of the layer, and of layers within it, with a gradient beside them (``dW`` beside ``W``,
        ``grads["W"]`` beside ``params["W"]``) are checked too.
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
        sides.left_out = layer.left_out()
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
            self.owner, backward, forward = forward, getattr(forward, "backward", None), _forward(forward)
        if not callable(backward):
            raise NotParameters(
                f"{type(self.owner).__name__} has no method `backward`; give the function as `backward`"
            )
        self.forward, self.backward, self.seed = forward, backward, seed
        self.inputs = list(inputs) if isinstance(inputs, tuple | list) and not _is_vector(inputs) else [inputs]
        self.labels = list(names) or _argument_names(forward, len(self.inputs))
        self.given: dict[str, Any] = {
            label: np.array(value) if isinstance(value, np.ndarray) else value
            for label, value in zip(self.labels, self.inputs, strict=True)
            if _is_float(value)
        }
        if not self.given:
            raise NotParameters("none of the inputs is floating-point")
        self.holders = holders(self.owner)
        self.saved = [Saved(holder) for holder in self.holders.values()]
        self.own: dict[str, Any] = {}
        self.places: dict[str, tuple[Any, str]] = {}
        result = self._run({k: np.array(v) if isinstance(v, np.ndarray) else v for k, v in self.given.items()})
        self.heads = _heads(result, _places(backward))
        self.upstreams = [_upstream(np.asarray(output), seed, i) for i, output in enumerate(self._outputs(result))]
        self._without_settings(result)
        if parameters and self.holders:
            self._find_parameters()

    def _without_settings(self, result: Any) -> None:
        """Numbers for which backward gives nothing are settings, as the small number in a root."""
        numbers = [label for label, value in self.given.items() if isinstance(value, float)]
        if numbers and len(numbers) < len(self.given):
            found = self._by_name(self._carry(result))
            self.given = {k: v for k, v in self.given.items() if k not in numbers or found.get(k) is not None}

    def _outputs(self, result: Any) -> list[Any]:
        return list(result[: self.heads]) if self.heads > 1 else [_output(result)]

    def _find_parameters(self) -> None:
        """What has a gradient beside it and is the same object in another run: what is kept for backward is not."""
        before = [(path, holder, attributes(holder)) for path, holder in self.holders.items()]
        self._carry(self._run({k: np.array(v) if isinstance(v, np.ndarray) else v for k, v in self.given.items()}))
        for path, holder, numbers in before:
            for name, value in numbers.items():
                held = vars(holder).get(name) is not value
                held = held or any(value is v for v in [*self.inputs, *self.own.values()])
                known = held or path + name in self.given or partners(holder, name) is None
                doubtful = path or isinstance(value, Mapping)
                if not known and not (doubtful and unread(holder, name, self._number)):
                    self.own[path + name], self.places[path + name] = value, (holder, name)
        self.given.update(self.own)

    def loss(self, given: dict[str, Any]) -> Any:
        """The inner product of the output with the upstream gradient, of all outputs together."""
        outputs = self._outputs(self._run(given))
        terms = [np.sum(u * np.asarray(output)) for u, output in zip(self.upstreams, outputs, strict=True)]
        return sum(terms[1:], terms[0])

    def gradient(self, given: dict[str, Any]) -> dict[str, Any]:
        """What backward returns, by the names of the inputs, and what it leaves beside the parameters."""
        returned = self._carry(self._run(given))
        found = self._by_name(returned)
        for name, place in self.places.items():
            found[name] = _copied(partners(*place))
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
        for name, (holder, attribute) in self.places.items():
            if name in given:
                setattr(holder, attribute, given[name])
        arguments = [given.get(label, value) for label, value in zip(self.labels, self.inputs, strict=True)]
        return self.forward(*arguments)

    def _carry(self, result: Any) -> Any:
        """Call backward as its signature wants it."""
        upstream = [u.copy() for u in self.upstreams]
        cache = result[self.heads :] if isinstance(result, tuple) else ()
        places = _places(self.backward)
        if len(places) <= 1 or not cache:
            return self.backward(*upstream)
        if len(cache) == 1 and isinstance(cache[0], tuple) and len(places) == self.heads + len(cache[0]) > 2:
            cache = cache[0]
        first = places[0] in CACHE_NAMES or (_is_upstream(places[-1]) and not _is_upstream(places[0]))
        return self.backward(*cache, *upstream) if first else self.backward(*upstream, *cache)

    def left_out(self) -> tuple[str, ...]:
        """Arrays of the layer that its output depends on, with no gradient beside them."""
        out: list[str] = []
        for saved, (path, holder) in zip(self.saved, self.holders.items(), strict=True):
            own = {name for at, name in self.places.values() if at is holder}
            found = left_out(holder, {*own, *(set(vars(holder)) - set(saved.before))}, self._number)
            out += [path + name for name in found]
        return tuple(out)

    def _number(self) -> float:
        return float(self.loss({k: np.array(v) if isinstance(v, np.ndarray) else v for k, v in self.given.items()}))

    def restore(self) -> None:
        """Put back what the layer held: its parameters, and what running it has changed."""
        for saved in self.saved:
            saved.restore()

    def randomness(self, seed: int) -> list[Any]:
        """Generators that the layer's functions can reach, to be rewound before each call."""
        from bpdoctor.blackbox.randomness import Frozen

        return Frozen([self.forward, self.backward], [], seed).own

    def passed_on(self) -> list[tuple[Array, Array]]:
        """Arrays that are handed over and not differentiated by; they must not change."""
        return [(v, v.copy()) for v in self.inputs if isinstance(v, np.ndarray) and not _is_float(v)]


def _forward(layer: Any) -> Any:
    """What a layer is called by, for its output."""
    if callable(found := getattr(layer, "forward", None)):
        return found
    if callable(layer):
        return layer.__call__
    raise NotParameters(f"{type(layer).__name__} has no method `forward`; give the function as `forward`")


def _heads(result: Any, places: Sequence[str]) -> int:
    """How many outputs there are: where backward takes a gradient for each, and maybe the cache."""
    if not isinstance(result, tuple) or len(places) != len(result):
        return 1
    if len(result) > 1 and all(map(_is_upstream, places)):
        return len(result)
    return len(result) - 1 if len(result) > 2 and all(map(_is_upstream, places[:-1])) else 1


def _is_upstream(name: str) -> bool:
    """Whether an argument's name is that of a gradient from above."""
    return (
        re.fullmatch(
            r"(?!data)d([a-z]\d?|_?[A-Z]\w*|_?(out|output|y|z|a|h|c|x|l|loss|next|up|s|v|prev|inputs?)\w*)?|.*(grad|delta|"
            r"upstream|err(or)?)\w*|g|up",
            name,
        )
        is not None
    )


def _upstream(output: Array, seed: int, i: int) -> Array:
    """A gradient from above with no entry near 0."""
    found = np.random.default_rng([seed, 4, i] if i else [seed, 4]).uniform(0.5, 1.5, output.shape)
    found *= np.where(np.random.default_rng([seed, 6, i] if i else [seed, 6]).random(output.shape) < 0.5, -1, 1)
    return found.astype(np.float32) if output.dtype == np.float32 else found


def _copied(kept: Any) -> Any:
    """A gradient as it is now: the layer may write the next one to the same place."""
    if isinstance(kept, dict):
        return {key: _copied(value) for key, value in kept.items()}
    return np.array(kept) if kept is not None else None


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
