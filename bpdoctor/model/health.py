"""The course of a training run in numbers, step by step: what a report draws and what rules look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bpdoctor.model.record import record

Numbers = tuple[float | None, ...]

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


@record
class LayerHealth:
    """One activation of the forward pass. Every tuple of numbers has one entry a sampled step.

    Attributes
    ----------
    line : int
        Where the activation is computed; `expression` is its text there.
    activation : str
        The function as recognised from its values: "relu", "sigmoid", "tanh" …
    hidden : bool
        Whether it feeds further weights.
    units : int
    mean, std : tuple
        Of the activations, over samples and units.
    quantiles : tuple of tuple
        The `QUANTILES` of the activations; an empty tuple where the step did not show them.
    low, high, spread : tuple
        Smallest and largest pre-activation, and the standard deviation of all.
    dead : tuple
        Share of the units that are 0 for every sample of the step; None where the function never rests.
    saturated : tuple
        Share of entries with a derivative below 1e-3; None where the function does not saturate.
    rank : tuple
        Numerical rank of the activations (samples by units, at most 64 of each), centred over samples.
    error_norm : tuple
        Norm of the loss's derivative with respect to the pre-activations: the error that arrives here. Its
        course from layer to layer is the gradient flow.
    silent : tuple of int
        The units that were 0 for every sample of every sampled step.
    """

    line: int
    expression: str
    activation: str
    hidden: bool
    units: int
    mean: Numbers
    std: Numbers
    quantiles: tuple[tuple[float, ...], ...]
    low: Numbers
    high: Numbers
    spread: Numbers
    dead: Numbers
    saturated: Numbers
    rank: tuple[int | None, ...]
    error_norm: Numbers
    silent: tuple[int, ...] = ()


@record
class ParameterHealth:
    """One trained array: norms of its true gradient and of the weights, and of the change against the weights."""

    name: str
    line: int
    gradient_norm: Numbers
    weight_norm: Numbers
    update_ratio: Numbers


@record
class Health:
    """The sampled steps of a run: the first few, then about six a decade, and the last that was seen.

    Attributes
    ----------
    iterations : tuple of int
        How many steps had been made before each sampled one; increasing.
    loss : tuple
        The loss on the step's own data; None where the step does not show it.
    accuracy : tuple
        Share of samples classified right, where the targets are evidently classes; else None.
    output_std : tuple
        Standard deviation of the outputs over the samples of the step, averaged over outputs.
    whole : bool
        Whether every sampled step has the same data: then the losses are comparable one by one, else they
        are those of different batches.
    course : str
        "falling", "plateau", "oscillating", "diverging", or "" where nothing is evident.
    layers, parameters
        In the order of the forward pass, and of the update.
    """

    iterations: tuple[int, ...]
    loss: Numbers
    accuracy: Numbers
    output_std: Numbers
    whole: bool
    course: str
    layers: tuple[LayerHealth, ...]
    parameters: tuple[ParameterHealth, ...]

    def encode(self) -> dict[str, Any]:
        """JSON data with six digits, as it stands in `Report.health`."""
        data: dict[str, Any] = _short(asdict(self))
        return data

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Health | None:
        """What `Report.health` holds, also after a way through JSON; None where nothing was trained."""
        if not data or "iterations" not in data:
            return None
        layers = tuple(LayerHealth(**_frozen(item)) for item in data["layers"])
        parameters = tuple(ParameterHealth(**_frozen(item)) for item in data["parameters"])
        return cls(**{**_frozen(data), "layers": layers, "parameters": parameters})


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(map(_short, value))
    return float(f"{value:.6g}") if isinstance(value, float) else value


def _frozen(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _tuple(value) for key, value in data.items()}


def _tuple(value: Any) -> Any:
    return tuple(map(_tuple, value)) if isinstance(value, list | tuple) else value
