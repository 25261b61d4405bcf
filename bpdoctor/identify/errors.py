"""A loss of which only the derivative is written: a function of the error, or the error times what a sample counts.

Notes
-----
Where no loss is computed, ``d = clip(out - t, -1, 1)`` and ``d = tanh(out - t)`` are not the derivative of the
squared error but of others (Huber's, log-cosh), and nobody can say that the squared error was meant. What is made of
the error and of data alone and pulls every output towards its target is taken for the derivative as it stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from bpdoctor.autodiff.replay import NotReplayed, recompute
from bpdoctor.identify.claims import Claim
from bpdoctor.identify.dependence import POST, ancestors
from bpdoctor.identify.loss import Candidate, implied_losses
from bpdoctor.identify.residuals import Residual
from bpdoctor.model.tape import CONST, Tape

FUNCTION, WEIGHTED = "a function of the error", "weighted "
_SAME = 1e-9
_NEAR = 1e-7
Chain = dict[int, int]


def losses_of_errors(
    tape: Tape, masks: dict[int, int], claims: Iterable[Claim], residual: Residual
) -> dict[int, list[Candidate]]:
    """Losses whose derivative at the outputs is what a site makes of the errors alone, by that site."""
    roots = [c.node for c in claims if c.node is not None]
    reach = ancestors(tape, roots, masks) if roots else set(masks)
    chain = _made_of(tape, masks, reach, residual)
    ends: dict[int, dict[int, int]] = defaultdict(dict)
    for n in _ends(tape, claims, reach, chain):
        ends[tape.nodes[n].site][chain[n]] = n
    out = {}
    for site, last in ends.items():
        if len(last) == len(residual.nodes):
            out[site] = _losses(tape, residual, chain, last)
    return out


def _made_of(tape: Tape, masks: dict[int, int], reach: set[int], residual: Residual) -> Chain:
    """What is computed from one error and no other value that depends on the parameters, with that error."""
    chain = {n: n for n in residual.nodes}
    for n in sorted(reach):
        if n in chain or masks[n] & POST:
            continue
        sources = {chain.get(s, CONST) for s in tape.nodes[n].inputs if s != CONST and s in masks}
        root = sources.pop() if len(sources) == 1 else CONST
        if root != CONST and np.size(tape.values[n]) == np.size(tape.values[root]):
            chain[n] = root
    return chain


def _ends(tape: Tape, claims: Iterable[Claim], reach: set[int], chain: Chain) -> list[int]:
    """Where a chain meets other values, or becomes a gradient."""
    roots = {c.node for c in claims}
    read = {s for n in reach if n not in chain for s in tape.nodes[n].inputs}
    return [n for n in sorted(chain) if n in reach and (n in read or n in roots)]


def _losses(tape: Tape, residual: Residual, chain: Chain, last: dict[int, int]) -> list[Candidate]:
    """The losses whose derivative the ends of the chains of all errors are.

    Computed again for errors turned round and for small ones, they pull towards the target as well; what cannot be
    computed again must be seen for errors of either sign.
    """
    pulls, slopes, others = [], [], []
    made: dict[int, list[int]] = defaultdict(list)
    for n in sorted(chain):
        made[chain[n]].append(n)
    for (o, t), r in zip(residual.pairs, residual.nodes, strict=True):
        shape, held = np.shape(tape.values[o]), np.asarray(tape.values[r])
        error = np.asarray(tape.values[o], dtype=np.float64) - t
        pull = _shaped(tape.values[last[r]], shape)
        if pull is None or held.shape != shape or not np.array_equal(np.abs(held), np.abs(error)):
            return []
        way = -1.0 if np.sum(pull * error) < 0 else 1.0
        turn = way if np.sum(held * error) >= 0 else -way
        pulls.append((error, way * pull))
        slopes.append(_at(tape, made[r], last[r], shape, np.ones(shape)))
        for other in (-held, np.full(shape, _NEAR), np.full(shape, -_NEAR)):
            found = _at(tape, made[r], last[r], shape, other)
            others.append(None if found is None else turn * found * other)
    error, pull = (np.concatenate([np.ravel(p[i]) for p in pulls]) for i in (0, 1))
    if not np.isfinite(pull).all() or not pull.any() or _alike(pull, error) or (pull * error < 0).any():
        return []
    if any(along is not None and (along < 0).any() for along in others):
        return []
    both = (error > 0).any() and (error < 0).any()
    return _named(tape, residual, pulls, slopes) if both or all(x is not None for x in others) else []


def _named(tape: Tape, residual: Residual, pulls: list[Any], slopes: list[Any]) -> list[Candidate]:
    """Standard losses of errors that are weighed; of other functions of the error all that is known is the pull."""
    if all(s is not None and _weighed(s, *pull) for s, pull in zip(slopes, pulls, strict=True)):
        weights = dict(zip((o for o, _ in residual.pairs), map(np.abs, slopes), strict=True))
        if any(_alike(np.ravel(weights[o]), np.ravel(np.abs(t))) for o, t in residual.pairs if np.size(t) > 1):
            return []  # nobody weighs an error by its own target
        implied = [c for c in implied_losses(tape, residual) if c.form != "absolute error"]
        return [
            replace(c, form=WEIGHTED + c.form, seeds={o: s * weights[o] for o, s in c.seeds.items()}) for c in implied
        ]
    seeds: dict[int, Any] = {}
    for (o, _), (_, pull) in zip(residual.pairs, pulls, strict=True):
        seeds[o] = seeds[o] + pull if o in seeds else pull
    return [Candidate(FUNCTION, True, seeds, None, residual.pairs)]


def _weighed(slope: Any, error: Any, pull: Any) -> bool:
    return np.allclose(np.abs(slope * error), np.abs(pull), rtol=_SAME)


def _at(tape: Tape, made: list[int], end: int, shape: tuple[int, ...], value: Any) -> Any | None:
    """What the end of a chain would be for another error; None where entries were put in by a mask of this one."""
    values: dict[int, Any] = {made[0]: value}
    between = [n for n in made[1:] if n <= end]
    if any(tape.nodes[n].prim in ("setitem", "overlay") for n in between):
        return None
    try:
        for n in between:
            values[n] = recompute(tape, n, values)
    except NotReplayed:
        return None
    return _shaped(values[end], shape)


def _shaped(value: Any, shape: tuple[int, ...]) -> Any | None:
    """An array of the outputs' shape, where only axes of length 1 or the order of the axes differ."""
    held = np.asarray(value, dtype=np.float64)
    if held.shape == shape:
        return held
    if held.ndim == 2 and held.shape[::-1] == shape:
        return held.T
    long = [n for n in shape if n > 1]
    return held.reshape(shape) if [n for n in held.shape if n > 1] == long else None


def _alike(a: Any, b: Any) -> bool:
    """Whether one array is a multiple of another."""
    size = float(b @ b)
    return bool(size) and bool(np.abs(a - (a @ b) / size * b).max() <= _SAME * np.abs(a).max())
