"""Claimed gradients against central differences of the calls themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bpdoctor.model.record import record
from bpdoctor.model.report import Status
from bpdoctor.probe.probe import COTANGENT, RATE, Namespace, Probe, Slot, Space

_STEP = 1e-5
_STEP_SINGLE = 2e-2
_MOST_ELEMENTS = 16
_TOLERANCE = 2e-5
# Unknowns of a fit must leave equations over.
_FEWEST_FITTED = 5
_FEWEST_KNOWN = 3
_SEEDS = (1, 2, 3)
PART = "only a part"
_UNRELATED = "the output does not depend on it, its gradient is not zero"
# How far an input is moved to see whether the output knows of it at all.
_FAR = (1.0, -1.0, 10.0, -10.0)


@record
class Compared:
    """One slot: claimed gradient against measured one, on the elements that were measured."""

    slot: Slot
    status: Status
    shape: tuple[int, ...]
    error: float = 0.0
    estimate: float = 0.0
    scale: float = 1.0
    note: str = ""


def judge(probe: Probe, module: Namespace, only: Sequence[int] | None = None) -> list[Compared] | None:
    """Compare at several random points; None when the calls cannot be made.

    With `only`, no other entries of the cotangents than these differ from zero.

    Notes
    -----
    A gradient is wrong when it is wrong at most of the points; what differs from point to point
    stands near a kink and is not examined.
    """
    points: list[list[Compared]] = []
    for seed in _SEEDS:
        found = _at_point(probe, module, seed, _MOST_ELEMENTS if not points else _MOST_ELEMENTS // 2, only)
        if found is not None:
            points.append(found)
        if len(points) == 2 and all(c.status == "ok" for p in points for c in p):
            break
    if not points:
        return None
    return [_agreed([p[k] for p in points]) for k in range(len(probe.slots))]


def _agreed(results: list[Compared]) -> Compared:
    counted = [r for r in results if r.status not in ("vacuous", "not-examined")] or results
    statuses = [r.status for r in counted]
    if len({(r.status, r.note) for r in counted}) == 1 and statuses[0] == "not-examined":
        return counted[0]
    for status in ("ok", "scaled", "wrong", "not-finite", "vacuous"):
        if statuses.count(status) * 2 > len(statuses):
            chosen = [r for r in counted if r.status == status]
            scales = {round(r.scale, 5) for r in chosen}
            if status == "scaled" and len(scales) > 1:
                return Compared(chosen[0].slot, "wrong", chosen[0].shape, chosen[0].error, chosen[0].estimate)
            return max(chosen, key=lambda r: r.error)
    if set(statuses) <= {"wrong", "scaled"}:
        return next(r for r in counted if r.status == "wrong")
    return Compared(counted[0].slot, "not-examined", counted[0].shape, note="differs from point to point")


def _at_point(
    probe: Probe, module: Namespace, seed: int, most: int, only: Sequence[int] | None
) -> list[Compared] | None:
    try:
        start = probe.prepared(module, seed)
        there = probe.advance(start)
        cotangents = {k: _sparse(v, only) for k, v in cotangents_of(probe, there, seed).items()}
    except Exception:
        return None
    # A second forward pass: a copy of the first would be cut off from what its closures hold.
    back = probe.advance(start)
    back.own.update({k: np.array(v) for k, v in cotangents.items()})
    try:
        back.run(probe.backward)
    except Exception:
        return None
    chosen = {s.place: _elements(np.size(start.value(s.place)), seed, most) for s in probe.slots}
    return [_compare(probe, s, start, there, back, cotangents, chosen[s.place]) for s in probe.slots]


def _elements(size: int, seed: int, most: int) -> Any:
    return np.random.default_rng(seed).permutation(size)[:most]


def cotangents_of(probe: Probe, there: Space, seed: int) -> dict[str, Any]:
    """Random cotangents in the shapes of the outputs."""
    rng = np.random.default_rng(100 + seed)
    out = {}
    for name, text in probe.outputs.items():
        value = there.value(text)
        drawn = COTANGENT * rng.normal(size=np.shape(value))
        single = isinstance(value, np.ndarray) and value.dtype == np.float32
        out[name] = drawn.astype(np.float32) if single else (drawn if np.ndim(value) else float(drawn))
    return out


def _sparse(cotangent: Any, only: Sequence[int] | None) -> Any:
    if only is None or not np.ndim(cotangent):
        return cotangent
    kept = np.isin(np.arange(cotangent.size), only).reshape(cotangent.shape)
    return np.where(kept, cotangent, np.zeros_like(cotangent))


def claimed(slot: Slot, there: Space, back: Space) -> Any:
    """The gradient that the backward call returned, left behind, or applied."""
    if slot.moves:
        before, after = np.asarray(there.value(slot.place)), np.asarray(back.value(slot.place))
        return (before - after) / RATE
    return back.value(slot.gradient)


def _compare(
    probe: Probe, slot: Slot, start: Space, there: Space, back: Space, cotangents: Mapping[str, Any], chosen: Any
) -> Compared:
    shape = np.shape(start.value(slot.place))
    try:
        own = np.asarray(claimed(slot, there, back), dtype=np.float64)
    except Exception as error:
        return Compared(slot, "not-examined", shape, note=f"no gradient: {type(error).__name__}")
    if own.size != int(np.prod(shape)) or (own.shape != shape and _squeezed(own.shape) != _squeezed(shape)):
        if not _read_whole(probe, slot, start, cotangents):
            return Compared(slot, "not-examined", shape, note=f"{PART} of `{slot.name}` is read")
        return Compared(slot, "wrong", shape, 1.0, note=f"gradient has shape {own.shape}, the value {shape}")
    own = own.reshape(shape).ravel()
    if not np.isfinite(own).all():
        return Compared(slot, "not-finite", shape, note="gradient is not finite")
    measured, errors = slopes(probe, slot, start, cotangents, chosen)
    largest = max(np.abs(measured).max(initial=0.0), np.abs(own).max(initial=0.0))
    clear = np.isfinite(measured) & (errors <= 1e-2 * largest + 1e-13)
    if clear.sum() * 2 < len(chosen) or not clear.any():
        return Compared(slot, "not-examined", shape, note="every measured point stands near a kink")
    c, m = own[chosen][clear], measured[clear]
    if slot.parameter:
        held = np.asarray(start.value(slot.place), dtype=np.float64).ravel()[chosen][clear]
        c = c - _decay(c, m, held) * held
    found = _verdict(slot, shape, c, m, float(errors[clear].max()))
    if found.note == _UNRELATED and _jumps(probe, slot, start, cotangents):
        return Compared(slot, "not-examined", shape, note=f"the output changes with `{slot.name}` by jumps alone")
    return found


def _jumps(probe: Probe, slot: Slot, start: Space, cotangents: Mapping[str, Any]) -> bool:
    """Whether the output is constant only nearby: what is passed back through a step is a surrogate, on purpose."""
    before = probe.objective(probe.advance(start), cotangents)
    for far in _FAR:
        moved = start.copy()
        for index in range(np.size(start.value(slot.place))):
            shift(moved, slot.place, index, far)
        try:
            if probe.objective(probe.advance(moved), cotangents) != before:
                return True
        except Exception:
            return False
    return False


def _decay(c: Any, m: Any, held: Any) -> float:
    """By how much of the weights themselves a claimed gradient exceeds a multiple of the measured one.

    A layer cannot tell of the penalty that its weights have in a loss it does not know. What shrinks them is taken
    for one; what makes them grow is none.
    """
    if len(m) < _FEWEST_KNOWN or not held.any():
        return 0.0
    if len(m) < _FEWEST_FITTED:
        k, decay = 1.0, float((c - m) @ held) / float(held @ held)
    else:
        (k, decay), *_ = np.linalg.lstsq(np.stack([m, held], axis=1), c, rcond=None)
    rest = float(np.linalg.norm(c - k * m - decay * held))
    return float(decay) if decay > 0 and rest <= _TOLERANCE * float(np.linalg.norm(k * m)) else 0.0


def _read_whole(probe: Probe, slot: Slot, start: Space, cotangents: Mapping[str, Any]) -> bool:
    """Whether every row, column and layer of a value has an influence: else it is larger than what is expected."""
    shape = np.shape(start.value(slot.place))
    before = probe.objective(probe.advance(start), cotangents)
    for axis, size in enumerate(shape):
        for i in range(size):
            moved = start.copy()
            part = (slice(None),) * axis + (slice(i, i + 1),)
            held = moved.value(slot.place)
            # Not all by the same: a softmax does not notice a shift.
            held[part] += np.linspace(0.1, 0.2, held[part].size).reshape(held[part].shape)
            try:
                if probe.objective(probe.advance(moved), cotangents) == before:
                    return False
            except Exception:
                return False
    return True


def _squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(n for n in shape if n != 1)


def _verdict(slot: Slot, shape: tuple[int, ...], c: Any, m: Any, error: float) -> Compared:
    size = float(np.linalg.norm(m))
    if size < 1e-9:
        if np.linalg.norm(c) < 1e-8:
            return Compared(slot, "vacuous", shape)
        return Compared(slot, "wrong", shape, 1.0, note=_UNRELATED)
    tolerance = _TOLERANCE + 4.0 * error * np.sqrt(len(m)) / size
    gap = float(np.linalg.norm(c - m)) / size
    if gap <= tolerance:
        return Compared(slot, "ok", shape, gap, tolerance)
    k = float(c @ m) / size**2
    if k != 0 and len(m) > 1 and float(np.linalg.norm(c - k * m)) <= tolerance * abs(k) * size:
        rest = float(np.linalg.norm(c / k - m)) / size
        return Compared(slot, "scaled", shape, rest, tolerance, k)
    return Compared(slot, "wrong", shape, gap, tolerance)


def slopes(probe: Probe, slot: Slot, start: Space, cotangents: Mapping[str, Any], chosen: Any) -> tuple[Any, Any]:
    """Central differences at two step sizes, extrapolated, with what they differ by."""
    value = start.value(slot.place)
    single = (isinstance(value, np.ndarray) and value.dtype == np.float32) or _single(probe, start)
    h = _STEP_SINGLE if single else _STEP
    out, errors = [], []
    for index in chosen:
        small = _difference(probe, slot, start, cotangents, int(index), h)
        large = _difference(probe, slot, start, cotangents, int(index), 2 * h)
        out.append((4 * small - large) / 3)
        errors.append(abs(small - large) if single else min(abs(small - large), 10 * abs(small - large)))
    return np.array(out), np.array(errors)


def _single(probe: Probe, start: Space) -> bool:
    there = probe.advance(start)
    texts = [probe.loss] if probe.loss else list(probe.outputs.values())
    return any(getattr(there.value(t), "dtype", None) == np.float32 for t in texts)


def _difference(probe: Probe, slot: Slot, start: Space, cotangents: Mapping[str, Any], index: int, h: float) -> float:
    ends = []
    for sign in (1, -1):
        moved = start.copy()
        shift(moved, slot.place, index, sign * h)
        try:
            ends.append(probe.objective(probe.advance(moved), cotangents))
        except Exception:
            return float("nan")
    return (ends[0] - ends[1]) / (2 * h)


def shift(space: Space, place: str, index: int, amount: float) -> None:
    """Add to one element of what `place` holds."""
    value = space.value(place)
    if isinstance(value, np.ndarray) and value.ndim:
        value[np.unravel_index(index, value.shape)] += amount
    else:
        space.own["_moved"] = value + amount
        space.run(f"{place} = _moved")
