"""`watch`: find parameters, gradients and activations in the user's own network object.

Found by what they do from one step to the next: a parameter is an array that changes, and its gradient is another of
its shape that is called after it (`dW1`, `grads["W1"]`) or that the change is a multiple of. What has a row for each
sample, and is not called after another array, is an activation.
"""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from bpdoctor.monitor.monitor import Monitor
from bpdoctor.monitor.readings import sample

_DEEPEST = 4
_MOST = 400
_MARK = re.compile(r"^_*(?:gradients?|grads?|nabla|delta|dL|dJ|d|g)_*(?=\w)|_*(?:gradients?|grads?|_g)(?=\W*\d*\W*$)")
_HOLDER = re.compile(r"^_*(?:gradients?|grads?|nablas?|dparams)$")
_ERROR = re.compile(r"^_*(?:delta|error|err|d\d)", re.I)
_SAME = 1e-4


def watch(obj: Any, path: str | os.PathLike[str] | None = None, **options: Any) -> Monitor:
    """Return a monitor that finds the arrays of a step in an object by itself.

    Parameters
    ----------
    obj : object or mapping
        A network with its arrays as attributes, in lists, dicts, or in layers of its own.
    path : path, optional
        Where the record is written.
    **options
        As of `Monitor`.

    Examples
    --------
    >>> net = {"W": np.ones((2, 2)), "dW": np.ones((2, 2))}
    >>> monitor = watch(net, live=False, every=1)
    >>> for k in range(3):
    ...     net["W"] -= 0.1 * net["dW"]
    ...     monitor.step(loss=1.0)
    >>> monitor.close()
    >>> sorted(monitor.history.last["gradients"]), sorted(monitor.history.last["parameters"])
    (['W'], ['W'])
    """
    monitor = Monitor(path, **options)
    monitor.find = Watched(obj)
    return monitor


class Watched:
    """The roles of an object's arrays, decided when something has changed and looked up by name from then on."""

    def __init__(self, obj: Any) -> None:
        self.obj = obj
        self.before = _samples(dict(arrays_in(obj)))
        self.names = frozenset(self.before)
        self.roles: dict[str, dict[str, str]] | None = None

    def __call__(self) -> dict[str, dict[str, Any]]:
        """The arrays of this moment by role, then by the name that they are shown under."""
        now = dict(arrays_in(self.obj))
        roles = self.roles or self._decided(now)
        return {
            role: {shown: now[name] for shown, name in names.items() if name in now} for role, names in roles.items()
        }

    def _decided(self, now: Mapping[str, Any]) -> dict[str, dict[str, str]]:
        samples = _samples(now)
        changed = {
            name: samples[name] - old
            for name, old in self.before.items()
            if name in samples and samples[name].shape == old.shape and not np.array_equal(samples[name], old)
        }
        pairs = self._pairs(now, samples, changed)
        roles = {
            "activations": _activations(now, pairs, set(now) - (set(self.before) - set(changed))),
            "gradients": pairs,
            "parameters": {name: name for name in pairs},
        }
        if pairs and changed.keys() & pairs.keys():
            self.roles = roles
        self.before = samples
        return roles

    def _pairs(self, now: Mapping[str, Any], samples: Mapping[str, Any], changed: Mapping[str, Any]) -> dict[str, str]:
        """The gradient of each parameter."""
        plain = {_plain(name) for name in now if not _held(name)}
        own = [name for name in now if not _held(name) and _stripped(name) not in plain - {_plain(name)}]
        out: dict[str, str] = {}
        made: set[str] = set()
        for name in own:
            alike = [n for n in now if n != name and now[n].shape == now[name].shape]
            alike.sort(key=lambda n: n.rpartition(".")[0] != name.rpartition(".")[0])
            called = [n for n in alike if (n not in own or _held(n)) and _stripped(n) == _plain(name)]
            moved = [n for n in alike if name in changed and self._made(samples, n, changed[name])]
            made |= {name} if moved else set()
            if moved or (called and name in self.names):
                out[name] = next((n for n in called if n in moved), (moved or called)[0])
        # Under plain descent, what changed in another way is no parameter: z and dz are called the same way.
        return {n: g for n, g in out.items() if n in made or not made or n not in changed}

    def _made(self, samples: Mapping[str, Any], name: str, change: Any) -> bool:
        """Whether an array, now or at the last look, is what made a change."""
        return any(name in seen and _parallel(seen[name], change) for seen in (samples, self.before))


def arrays_in(obj: Any) -> Iterator[tuple[str, Any]]:
    """Arrays of numbers with their names, through attributes, dicts and lists; each array once."""
    seen: set[int] = set()
    for count, found in enumerate(_walk(obj, "", _DEEPEST, seen)):
        if count >= _MOST:
            return
        yield found


def _walk(value: Any, name: str, depth: int, seen: set[int]) -> Iterator[tuple[str, Any]]:
    if id(value) in seen or depth < 0:
        return
    items: Sequence[tuple[str, Any]] = ()
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "f" and value.size > 1:
            seen.add(id(value))
            yield name, value
        return
    if isinstance(value, Mapping):
        items = [(f"{name}.{k}" if name else str(k), v) for k, v in value.items()]
    elif isinstance(value, list | tuple):
        items = [(f"{name}[{i}]", v) for i, v in enumerate(value[:_MOST])]
    elif hasattr(value, "__dict__") and not (inspect.ismodule(value) or inspect.isclass(value)):
        items = [] if inspect.isroutine(value) else [(f"{name}.{k}" if name else k, v) for k, v in vars(value).items()]
    if items:
        seen.add(id(value))
    for key, item in items:
        yield from _walk(item, key, depth - 1, seen)


def _activations(now: Mapping[str, Any], pairs: Mapping[str, str], moving: set[str]) -> dict[str, str]:
    """Arrays with as many rows as most of the others have, that are new at every step."""
    taken = set(pairs) | set(pairs.values())
    plain = {_plain(name) for name in now}
    shapes = {now[name].shape for name in taken}
    tables = [
        name
        for name, a in now.items()
        if name not in taken and a.ndim > 1 and a.shape not in shapes and name in moving
        and not _ERROR.search(_last(name)) and _stripped(name) not in plain - {_plain(name)}
    ]  # fmt: skip
    sizes = [len(now[name]) for name in tables]
    rows = max(sizes, key=sizes.count, default=-1)
    return {name: name for name in tables if len(now[name]) == rows}


def _samples(arrays: Mapping[str, Any]) -> dict[str, Any]:
    return {name: sample(a).astype(np.float64) for name, a in arrays.items()}


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _held(name: str) -> bool:
    """Whether a name lies in something that is called gradients."""
    return any(_HOLDER.match(part) for part in re.split(r"[.\[\]]", name)[:-1])


def _stripped(name: str) -> str:
    """The parameter's name in a gradient's: `dW1` and `grads.W1` are of `W1`."""
    return _plain(name) if _held(name) else _plain(_MARK.sub("", _last(name), count=1))


def _plain(name: str) -> str:
    return re.sub(r"\W|_", "", _last(name))


def _parallel(gradient: Any, change: Any) -> bool:
    """Whether the change is the gradient times one number."""
    if gradient.shape != change.shape or gradient.size < 2:
        return False
    size = float(np.linalg.norm(gradient) * np.linalg.norm(change))
    return size > 0 and abs(abs(float(np.dot(gradient, change))) / size - 1) < _SAME
