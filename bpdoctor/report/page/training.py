"""How the training went: loss, activations by layer and step, dead units, the gradients' way through the layers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from bpdoctor.model.health import Health, LayerHealth, Numbers, ParameterHealth
from bpdoctor.report.course import OF_A_LOSS
from bpdoctor.report.page.axes import points, scale
from bpdoctor.report.page.lines import BOTTOM, LEFT, RIGHT, TOP, Line, over_steps, plot
from bpdoctor.report.wording import count

MOST_LAYERS, MOST_BARS, MOST_UNITS = 12, 24, 1024
_COURSES = {
    "falling": "the loss falls",
    "plateau": "the loss stands still",
    "oscillating": "the loss swings up and down",
    "diverging": "the loss runs away",
}


def training(data: Mapping[str, Any], cured: Mapping[str, Any]) -> dict[str, Any] | None:
    """Plots and tables of a run, beside the run of the mended program where there is one."""
    health = Health.read(data)
    if health is None:
        return None
    layers = [x for x in health.layers if x.hidden or x.activation not in OF_A_LOSS][:MOST_LAYERS]
    plots = [_loss(health, Health.read(cured)), _accuracy(health)]
    return {
        "steps": count(len(health.iterations), "step"),
        "last": health.iterations[-1] + 1 if health.iterations else 0,
        "plots": [p for p in plots if p is not None],
        "fans": [p for p in (_fan(health, layer) for layer in layers) if p is not None],
        "dead": [_units(layer) for layer in layers if any(d is not None for d in layer.dead)],
        "flow": _flow(layers, health.parameters),
        "parameters": [_parameter(p) for p in health.parameters],
        "layers": [_layer(x) for x in layers],
    }


def _steps(health: Health) -> tuple[float, ...]:
    return tuple(float(i + 1) for i in health.iterations)


def _known(values: Numbers) -> tuple[float, ...]:
    return tuple(math.nan if v is None else v for v in values)


def _loss(health: Health, cured: Health | None) -> dict[str, Any] | None:
    lines = [Line("the program as it is" if cured else "", "plot", _steps(health), _known(health.loss))]
    if cured is not None:
        lines.append(Line("with the fix", "good", _steps(cured), _known(cured.loss)))
    drawn = over_steps(lines, title="Loss before and after the fix" if cured else "Loss", up="loss")
    if drawn is not None:
        batches = "" if health.whole else " Each step has data of its own, so single values go up and down."
        told = _COURSES.get(health.course, "")
        drawn["note"] = (told[:1].upper() + told[1:] + "." if told and not cured else "") + batches
    return drawn


def _accuracy(health: Health) -> dict[str, Any] | None:
    line = Line("", "plot", _steps(health), _known(health.accuracy))
    return over_steps([line], title="Share of samples classified right", up="accuracy")


def _fan(health: Health, layer: LayerHealth) -> dict[str, Any] | None:
    """Where the activations lie, step by step: all of them, nine tenths, one half, and the middle."""
    seen = [
        (x, q) for x, q in zip(_steps(health), layer.quantiles, strict=False) if len(q) == 7 and all(map(_finite, q))
    ]
    if len(seen) < 2:
        return None
    xs = [x for x, _ in seen]
    first, last = seen[0][1], seen[-1][1]
    told = f"activations of {layer.expression}: median {first[3]:.3g} at first, {last[3]:.3g} at last"
    middle = Line("", "plot", xs, [q[3] for _, q in seen])
    drawn = plot(
        [middle], title=layer.expression, told=told, across="training step", up="activation", log=(_long(xs), False),
        spread=[v for _, q in seen for v in (q[0], q[6])],
    )  # fmt: skip
    across = scale(xs, LEFT, RIGHT, log=_long(xs), tight=True)
    up = scale([v for _, q in seen for v in q], BOTTOM, TOP)
    drawn["areas"] = [
        (look, points(xs, [q[low] for _, q in seen], across, up)
         + points(xs, [q[high] for _, q in seen], across, up)[::-1])
        for look, low, high in (("wide", 0, 6), ("most", 1, 5), ("half", 2, 4))
    ]  # fmt: skip
    drawn["what"] = f"{layer.activation}, {count(layer.units, 'unit')}"
    return drawn


def _units(layer: LayerHealth) -> dict[str, Any]:
    """One square a unit, dark where it was 0 for every sample of every step seen."""
    units = min(layer.units, MOST_UNITS)
    columns = min(units, 32) or 1
    side = 20.0 if units <= 64 else 10.5
    silent = set(layer.silent)
    squares: dict[bool, str] = {False: "", True: ""}
    for k in range(units):
        square = f"M{k % columns * side:g} {k // columns * side:g}h{side:g}v{side:g}h-{side:g}z"
        squares[k in silent] += square
    share = [d for d in layer.dead if d is not None]
    told = f"{len(silent)} of {count(layer.units, 'unit')} of {layer.expression} never answered"
    if not silent:
        told = f"each of the {count(layer.units, 'unit')} of {layer.expression} answered to some sample"
    return {
        "name": layer.expression, "told": told, "width": columns * side,
        "height": -(-units // columns) * side, "alive": squares[False], "silent": squares[True],
        "first": f"{share[0]:.0%}", "last": f"{share[-1]:.0%}",
    }  # fmt: skip


def _flow(layers: Sequence[LayerHealth], parameters: Sequence[ParameterHealth]) -> dict[str, Any] | None:
    """Bars by layer: the error that arrives there, at the first step and at the last one."""
    rows = [(x.expression, x.error_norm) for x in layers] + [(p.name, p.gradient_norm) for p in parameters]
    finite = [(name, [v for v in values if v is not None and math.isfinite(v)]) for name, values in rows]
    known = [(name, values) for name, values in finite if values][:MOST_BARS]
    positive = [v for _, values in known for v in (values[0], values[-1]) if v > 0]
    if not positive:
        return None
    low, high = min(positive), max(positive)
    across = scale([low / 3, high], 150, 470, log=True)
    bars = [
        {
            "name": name, "y": 8 + 30 * i, "first": _bar(values[0], across), "last": _bar(values[-1], across),
            "told": f"{values[0]:.2e} → {values[-1]:.2e}",
        }
        for i, (name, values) in enumerate(known)
    ]  # fmt: skip
    told = "; ".join(f"{name}: {values[0]:.1e} at first, {values[-1]:.1e} at last" for name, values in known)
    return {
        "bars": bars, "height": 34 + 30 * len(bars), "columns": [(across.at(v), text) for v, text in across.ticks()],
        "told": f"norm of the gradient by layer and parameter: {told}",
    }  # fmt: skip


def _bar(value: float, across: Any) -> float:
    return max(across.at(value) - 150, 1.0) if value > 0 else 0.0


def _parameter(p: ParameterHealth) -> tuple[str, ...]:
    return (p.name, *map(_ends, (p.gradient_norm, p.weight_norm, p.update_ratio)))


def _layer(x: LayerHealth) -> tuple[str, ...]:
    numbers = map(_ends, (x.mean, x.std))
    shares = map(_shares, (x.dead, x.saturated))
    return (x.expression, x.activation, str(x.units), *numbers, *shares, _ends(x.rank))


def _ends(values: Numbers) -> str:
    known = [v for v in values if v is not None]
    if not known:
        return "–"
    first, last = f"{known[0]:.3g}", f"{known[-1]:.3g}"
    return first if first == last else f"{first} → {last}"


def _shares(values: Numbers) -> str:
    known = [v for v in values if v is not None]
    if not known:
        return "–"
    first, last = f"{known[0]:.0%}", f"{known[-1]:.0%}"
    return first if first == last else f"{first} → {last}"


def _long(xs: Sequence[float]) -> bool:
    return len(xs) > 1 and max(xs) > 100 * min(xs)


def _finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
