"""Hand-written gradients of other frameworks as functions of arrays: `torch.autograd.Function`, `jax.custom_vjp`.

They are recognised by what they are made of; neither framework is imported unless the object is one of its own.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Forward = Callable[..., Any]
Backward = Callable[..., tuple[Any, ...]]
"""Takes the gradient from above and the arguments of the forward function; returns a gradient for each."""


def translated(thing: Any) -> tuple[Forward, Backward] | None:
    """Return both directions on NumPy's arrays, None where the object is of no framework that is known here."""
    if _is_custom_vjp(thing):
        return _signed(_of_jax(thing), (thing.__wrapped__, getattr(thing, "bwd", thing)), skip=0)
    if _is_torch_function(thing):
        return _signed(_of_torch(thing), (thing.forward, thing.backward), skip=0 if _has_setup(thing) else 1)
    return None


def as_layer(thing: Any) -> tuple[Forward, Callable[..., Any]] | None:
    """Return a forward function that keeps its arguments, and a backward function that is given them."""
    pair = translated(thing)
    if pair is None:
        return None
    forward, backward = pair

    def keeping(*given: Any) -> Any:
        return forward(*given), given

    def carried(upstream: Any, cache: Any) -> tuple[Any, ...]:
        return backward(upstream, *cache)

    keeping.__signature__ = inspect.signature(forward)  # type: ignore[attr-defined]
    _written(keeping, inspect.unwrap(forward))
    _written(carried, inspect.unwrap(backward))
    return keeping, carried


def as_loss(thing: Any, others: int) -> tuple[Forward, Callable[..., Any]] | None:
    """Return a loss and its gradient by all arguments but the last `others`, which are data."""
    pair = translated(thing)
    if pair is None:
        return None
    forward, backward = pair

    def gradient(*given: Any) -> Any:
        found = backward(1.0, *given)[: len(given) - others]
        return found[0] if len(found) == 1 else list(found)

    gradient.__signature__ = inspect.signature(forward)  # type: ignore[attr-defined]
    _written(gradient, inspect.unwrap(backward))
    return forward, gradient


def plain(value: Any) -> Any:
    """Return the arrays of a framework as NumPy's, in the container that they came in."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(plain(item) for item in value)
    if hasattr(value, "detach"):
        return value.detach().cpu().numpy()
    foreign = type(value).__module__.split(".")[0] in ("jax", "jaxlib")
    return np.array(value) if foreign else value


def _is_custom_vjp(thing: Any) -> bool:
    return type(thing).__name__ == "custom_vjp" and type(thing).__module__.startswith("jax")


def _is_torch_function(thing: Any) -> bool:
    return inspect.isclass(thing) and any(
        base.__name__ == "Function" and base.__module__.startswith("torch.autograd") for base in thing.__mro__[1:]
    )


def _has_setup(thing: Any) -> bool:
    """Since torch 2, `forward` may do without the context, and `setup_context` saves what backward needs."""
    return any("setup_context" in vars(base) for base in thing.__mro__ if base.__module__.split(".")[0] != "torch")


def _of_jax(thing: Any) -> tuple[Forward, Backward]:
    jax = sys.modules["jax"]

    def forward(*given: Any) -> Any:
        return _one(thing(*given))

    def backward(upstream: Any, *given: Any) -> tuple[Any, ...]:
        out, pull = jax.vjp(thing, *given)
        cotangent = np.asarray(upstream).astype(out.dtype).reshape(out.shape)
        return tuple(_mapped(part, np.asarray) for part in pull(cotangent))

    return forward, backward


def _of_torch(thing: Any) -> tuple[Forward, Backward]:
    torch = sys.modules["torch"]

    def tensor(value: Any) -> Any:
        made = torch.tensor(value)
        return made.requires_grad_() if made.is_floating_point() else made

    def forward(*given: Any) -> Any:
        with torch.no_grad():
            return _one(thing.apply(*(_mapped(g, tensor) for g in given)))

    def backward(upstream: Any, *given: Any) -> tuple[Any, ...]:
        tensors = [_mapped(g, tensor) for g in given]
        out = thing.apply(*tensors)
        out.backward(torch.tensor(np.asarray(upstream)).to(out.dtype).reshape(out.shape))
        return tuple(None if isinstance(t, float | int) else _mapped(t, _slope, kind=torch.Tensor) for t in tensors)

    return forward, backward


def _slope(tensor: Any) -> Any:
    return None if tensor.grad is None else tensor.grad.numpy()


def _one(result: Any) -> Any:
    if isinstance(result, tuple | list | Mapping):
        raise TypeError("a function that returns several arrays cannot be checked as one; check it output by output")
    return np.asarray(result)


def _mapped(value: Any, leaf: Callable[[Any], Any], kind: Any = None) -> Any:
    """Change the arrays in a container; what is no array stays."""
    if isinstance(value, Mapping):
        return {key: _mapped(item, leaf, kind) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_mapped(item, leaf, kind) for item in value)
    array = isinstance(value, kind) if kind else hasattr(value, "shape") and hasattr(value, "dtype")
    return leaf(value) if array else value


def _signed(pair: tuple[Forward, Backward], originals: tuple[Any, Any], *, skip: int) -> tuple[Forward, Backward]:
    """Names of arguments are read from the signature, places from the source: let them be the user's."""
    forward, backward = pair
    try:
        signature = inspect.signature(originals[0])
        forward.__signature__ = signature.replace(parameters=[*signature.parameters.values()][skip:])  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        pass
    _written(forward, originals[0])
    _written(backward, originals[1])
    return forward, backward


def _written(function: Any, original: Any) -> None:
    """Let a function keep its own arguments, and be shown where the original is written."""
    function.__signature__ = inspect.signature(function)
    function.__wrapped__ = original
