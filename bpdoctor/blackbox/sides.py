"""The two sides of a check as functions of one flat vector: the loss, and the gradient that is claimed."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any

import numpy as np

from bpdoctor.blackbox.calling import Place, attributes, call, is_object, left_out, names_from, partners, unread, way_of
from bpdoctor.blackbox.holders import Saved, holders
from bpdoctor.blackbox.parameters import Array, NotParameters, claims, layout_of
from bpdoctor.blackbox.randomness import Frozen, data_of
from bpdoctor.blackbox.trouble import Stopped, Trouble

COMPLEX_LOST = getattr(getattr(np, "exceptions", np), "ComplexWarning", RuntimeWarning)


class Sides:
    """Calls both with copies, the same random numbers each time, and counts.

    `wide` evaluates in float64 (or complex128) whatever the user's own dtype is.
    """

    def __init__(
        self,
        loss: Callable[..., Any],
        grad: Any,
        params: Any,
        *,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        names: Sequence[str] = (),
        gradients: Callable[[], Any] | None = None,
        seed: int = 0,
    ) -> None:
        self.loss, self.grad, self.args, self.kwargs = loss, grad, tuple(args), dict(kwargs or {})
        self.gradients = gradients
        self.owner = params if is_object(params) else None
        self.attributes: dict[str, tuple[Any, str]] = {}
        """Of parameters that are attributes: which of which object."""
        if self.owner is not None:
            params = self._attributes(params, names)
            names = ()
        self.params = params
        self.way = way_of(loss, self.owner or params, self.args, self.kwargs)
        grad_call = grad if callable(grad) else loss
        self.grad_way = way_of(grad_call, self.owner or params, self.args, self.kwargs)
        root = _first_name(loss)
        self.layout, self.start = layout_of(params, names or names_from(loss, params, self.way), root=root)
        placed = self.owner is not None or "nothing" in (self.way, self.grad_way)
        self.place = Place(params, self.attributes) if placed else None
        self.random = Frozen([loss, grad], self.args, seed)
        self.data = [(array, array.copy()) for array in self._data()]
        self.left_out: tuple[str, ...] = ()
        """Names of what the loss depends on and is not examined."""
        self.forward = self.backward = 0
        self.pointed = (loss, grad if callable(grad) else loss)
        """The functions to point at: the user's own, where these two were made of them."""

    def _attributes(self, owner: Any, names: Sequence[str]) -> dict[str, Any]:
        found = list(names)
        if not names:
            numbers = attributes(owner)
            found = [name for name in numbers if partners(owner, name) is not None]
            if not found and self.grad is not None and self.gradients is None:
                # The gradients may appear only when the gradient has been computed once.
                self._try_gradient(owner)
                found = [name for name in numbers if partners(owner, name) is not None]
                for name, value in numbers.items():
                    setattr(owner, name, value)
            tables = [name for name in found if isinstance(getattr(owner, name), Mapping)]
            found = [name for name in found if name not in tables or not self._unread(owner, name)]
        self.attributes = {name: (owner, name) for name in found} or self._of_layers(owner)
        if not self.attributes:
            raise NotParameters(
                f"no attribute of {type(owner).__name__} has a gradient beside it (`dW` beside `W`); name them"
            )
        return {name: getattr(*place) for name, place in self.attributes.items()}

    def _of_layers(self, owner: Any) -> dict[str, tuple[Any, str]]:
        """Attributes with a gradient of the layers within an object; what each run makes anew is no parameter."""
        layers = holders(owner)
        if len(layers) < 2 or not callable(self.grad):
            return {}
        saved = [Saved(holder) for holder in layers.values()]
        self._try_gradient(owner)
        numbers = {(path, name): v for path, holder in layers.items() for name, v in attributes(holder).items()}
        self._try_gradient(owner)
        found: dict[str, tuple[Any, str]] = {}
        for (path, name), value in numbers.items():
            holder = layers[path]
            known = any(getattr(*place) is value for place in found.values())
            if not known and vars(holder).get(name) is value and partners(holder, name) is not None:
                found[path + name] = holder, name
        for each in saved:
            each.restore()
        return {label: place for label, place in found.items() if not self._unread(*place)}

    def _unread(self, owner: Any, name: str) -> bool:
        way = way_of(self.loss, self.owner, self.args, self.kwargs)
        return unread(owner, name, lambda: _scalar(call(self.loss, way, self.owner, self.args, self.kwargs), False))

    def _try_gradient(self, owner: Any) -> None:
        for function in (self.loss, self.grad):
            if callable(function):
                call(function, way_of(function, owner, self.args, self.kwargs), owner, self.args, self.kwargs)

    def _data(self) -> list[Array]:
        mine = {id(v) for v in _leaves(self.params)}
        return [a for a in data_of([self.loss, self.grad], self.args) if id(a) not in mine]

    def __enter__(self) -> Sides:
        self.random.__enter__()
        return self

    def look_around(self) -> None:
        """See what else of an object the loss depends on."""
        if self.owner is not None:
            with contextlib.suppress(Exception):
                self.left_out = left_out(
                    self.owner, set(self.params), lambda: self.value(self.start.copy(), wide=False)
                )

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.place is not None:
            self.place.restore()
        self.random.__exit__(kind, error, at)

    # ---- evaluations

    def pack(self, vector: Array, *, wide: bool) -> Any:
        """The parameters in the user's container."""
        return self.layout.build(self.layout.arrays(vector, own=not wide))

    def value(self, vector: Array, *, wide: bool = True) -> Any:
        """The loss at these parameters."""
        return self.value_of(self.pack(vector, wide=wide))

    def value_of(self, params: Any) -> Any:
        """The loss at packed parameters."""
        self.forward += 1
        return _scalar(self._call(self.loss, self.way, params), self.grad is None)

    def gradient(self, vector: Array, *, wide: bool = True) -> list[Any]:
        """The claimed gradient, a leaf each, as the user's code returns it."""
        return self.gradient_of(self.pack(vector, wide=wide))

    def gradient_of(self, params: Any) -> list[Any]:
        """The claimed gradient at packed parameters."""
        if self.grad is not None and not callable(self.grad):
            return list(claims(self.params, self.grad))
        self.backward += 1
        if self.grad is None:
            return list(claims(self.params, self._pair(self._call(self.loss, self.way, params))))
        return list(claims(self.params, self._claimed(self._call(self.grad, self.grad_way, params))))

    @property
    def repeatable(self) -> bool:
        """Whether the gradient can be had at other parameters: it is a function, not an array."""
        return self.grad is None or callable(self.grad)

    @property
    def may_be_complex(self) -> bool:
        """Complex numbers do not fit into the user's own arrays."""
        return self.place is None or self.owner is not None

    def _call(self, function: Callable[..., Any], way: Any, params: Any) -> Any:
        self.random.rewind()
        if self.place is not None:
            self.place.put(params)
        return call(function, way, params if self.owner is None else self.owner, self.args, self.kwargs)

    def _pair(self, result: Any) -> Any:
        if isinstance(result, tuple) and len(result) == 2:
            return result[1]
        text = "the loss does not return (loss, gradient), and no gradient function was given"
        raise Stopped(Trouble("shape", text, side="loss"))

    def _claimed(self, result: Any) -> Any:
        """What the gradient function returned, or left in attributes."""
        if self.gradients is not None:
            return self.gradients()
        if self.owner is not None and not isinstance(result, dict):
            kept = {name: partners(*self.attributes[name]) for name in self.params}
            if all(value is not None for value in kept.values()):
                return kept
            if isinstance(result, list | tuple) and len(result) == len(self.params):
                return dict(zip(self.params, result, strict=True))
        if result is None:
            text = "the gradient function returns nothing; say with `gradients` where it leaves them"
            raise Stopped(Trouble("shape", text))
        if isinstance(result, tuple) and len(result) == 2 and np.ndim(result[0]) == 0 and len(self.layout.leaves) != 2:
            return result[1]
        return result


def _leaves(params: Any) -> list[Any]:
    if isinstance(params, Mapping):
        return [leaf for item in params.values() for leaf in _leaves(item)]
    if isinstance(params, list | tuple):
        return [leaf for item in params for leaf in _leaves(item)]
    return [params]


def _first_name(function: Callable[..., Any]) -> str:
    code = getattr(function, "__code__", None)
    first: str = code.co_varnames[0] if code is not None and code.co_argcount else "params"
    return "params" if first == "self" else first


def _scalar(result: Any, paired: bool) -> Any:
    """The loss as one number; never summed for the user."""
    if isinstance(result, tuple) and result and (paired or len(result) == 2):
        result = result[0]
    array = np.asarray(result)
    if array.dtype.kind not in "fciub" or array.size != 1:
        what = f"an array of shape {array.shape}" if array.dtype.kind in "fciub" else type(result).__name__
        raise Stopped(Trouble("loss-shape", f"the loss returns {what}, not one number", side="loss"))
    return array.reshape(())[()]


def complex_value(sides: Sides, point: Array) -> complex | None:
    """The loss at complex parameters; None where the function does not allow them, or drops the imaginary part."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", COMPLEX_LOST)
            value = sides.value(point)
    except Exception:
        return None
    if isinstance(value, np.complexfloating | complex) and np.isfinite(value):
        return complex(value)
    return None
