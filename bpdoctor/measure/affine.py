"""Networks of several layers that are one affine function of their inputs: nothing bends between the layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpdoctor.measure.layers import LINEAR, MATRIX, SHAPING, Forward, forward_of, named_site
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST

_FLAT = LINEAR | SHAPING | {"negative", "add", "subtract"}


@record
class Affine:
    """Layers made at `sites` without a nonlinearity between them; the best affine fit explains `explained`.

    `right` is the share of samples that the best affine fit classifies right, None where the targets are no
    classes; `reached` the same for the run.
    """

    sites: tuple[int, ...]
    explained: float
    right: float | None
    reached: float | None


def affine(examination: Examination) -> list[Affine]:
    """The network as a whole, if it is one; factorised on purpose (a narrow middle) it is left out."""
    if not examination.views or not examination.samples:
        return []
    view, first = examination.views[0], examination.samples[0]
    forward = forward_of(examination, view)
    matrices = [p for p in forward.products if view.tape.nodes[p.node].prim in MATRIX]
    ends = [p for p in matrices if p.node not in forward.feeding]
    if len(ends) != 1 or first.targets is None or np.ndim(first.targets) != 2:
        return []
    chain = _chain(forward, ends[0])
    if chain is None or len(chain) < 2 or _narrow(chain, [np.shape(view.tape.values[p.weight]) for p in chain]):
        return []
    x = np.asarray(view.tape.values[chain[0].other], dtype=np.float64)
    x, t = (x, first.targets) if chain[0].right else (x.T, first.targets.T)
    if x.ndim != 2 or len(x) != len(t) or len(x) <= x.shape[1] + 1:
        return []
    explained, right = _fitted(x, t)
    sites = tuple(named_site(view.tape, _summed(forward, p.node)) for p in chain)
    reached = max((s.accuracy for s in examination.samples if s.accuracy is not None), default=None)
    return [Affine(sites, explained, right, reached)]


def _chain(forward: Forward, last: Any) -> list[Any] | None:
    """Products from the data to the last one, if nothing but sums and shapes stands between them."""
    tape, products = forward.view.tape, {p.node: p for p in forward.products}
    chain = [last]
    pending, data = [last.other], set()
    while pending:
        n = pending.pop()
        if n in products and tape.nodes[n].prim in MATRIX:
            chain.append(products[n])
            pending.append(products[n].other)
        elif n == CONST or n in forward.shown:
            continue
        elif n not in forward.view.forward:
            data.add(n)
        elif tape.nodes[n].prim in _FLAT:
            pending.extend(tape.nodes[n].inputs)
        else:
            return None
    straight = len({p.node for p in chain}) == len(chain) and len({p.start for p in chain}) == len(chain)
    return chain[::-1] if straight and data == {chain[-1].other} else None


def _narrow(chain: list[Any], shapes: list[tuple[int, ...]]) -> bool:
    """Whether a middle layer is smaller than both ends: a factorisation, a linear code."""
    if any(len(shape) != 2 for shape in shapes):
        return True
    ends = [shape if p.right else shape[::-1] for p, shape in zip(chain, shapes, strict=True)]
    return min(out for _, out in ends[:-1]) < min(ends[0][0], ends[-1][1])


def _summed(forward: Forward, n: int) -> int:
    """The layer's sum: the product with its bias added, where that is what got a name."""
    for m in sorted(forward.nodes):
        node = forward.view.tape.nodes[m]
        if m > n and node.prim == "add" and n in node.inputs and any(s in forward.shown for s in node.inputs):
            return m
    return n


def _fitted(x: Any, t: Any) -> tuple[float, float | None]:
    """Share of the targets' variance that the best affine function explains, and of the samples it gets right."""
    full = np.column_stack([x, np.ones(len(x))])
    y = full @ np.linalg.lstsq(full, t, rcond=None)[0]
    total = float(np.sum((t - t.mean(axis=0)) ** 2))
    explained = 1 - float(np.sum((t - y) ** 2)) / total if total > 0 else 1.0
    if not np.isin(t, (0.0, 1.0)).all():
        return explained, None
    same = (y > 0.5) == (t > 0.5) if t.shape[1] == 1 else np.argmax(y, 1) == np.argmax(t, 1)
    return explained, float(np.mean(same))


MEASURE = Measurement("affine", affine)
