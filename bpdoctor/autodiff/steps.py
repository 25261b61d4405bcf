"""A mistake in one step of the reverse sweep, in words."""

from __future__ import annotations

from bpdoctor.model.evidence import Link

_STEPS = {
    "normalisation": "the normalisation",
    "mask": "dropout",
    "maximum": "pooling",
    "gather": "the look-up of rows",
    "window": "the convolution",
    "columns": "the columns of the convolution",
    "attention": "the attention",
    "skip": "the two branches",
    "time": "the passage to the next time step",
}
_MISTAKES = {
    "left out": "the derivative without one of the terms that come back through {}",
    "factor left out": "the derivative without one of the factors of {}",
    "slope left out": "the derivative without f'(z) in {}",
    "statistics left out": "the derivative with mean and variance taken for constants",
    "overwritten": "the derivative with the terms of {} assigned one over the other, not added",
}


def told(link: Link) -> str:
    """What an altered sweep gives, in words."""
    step = _STEPS.get(link.layer, "a layer")
    return _MISTAKES.get(link.mistake.partition(",")[0], "the derivative with a mistake in {}: " + link.mistake).format(
        step
    )
