"""What rules receive and what they answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from bpdoctor.model.record import record
from bpdoctor.model.report import Severity

Array = Any


@record(eq=False)
class Use:
    """One use of a parameter or of an activation in a product ``out = f(x, w)``.

    Attributes
    ----------
    x, w, delta : ndarray
        Input, weight, and the true adjoint of ``out``.
    pull_weight, pull_input : callable
        ``pull_weight(x, delta)`` and ``pull_input(w, delta)``: the cotangents that this product
        gives for a replaced input, weight or delta of the same shapes.
    errors : mapping of str to ndarray
        Other adjoints and differences in the shape of ``delta`` that a program may confuse with it:
        the adjoint after the activation (``"before the activation derivative"``), the raw output
        error, and so on.
    inputs : mapping of str to ndarray
        Other forward values in the shape of ``x`` (the pre-activation, the layer's own output …).
    weights : mapping of str to ndarray
        Other parameters in the shape of ``w``.
    """

    x: Array
    w: Array
    delta: Array
    pull_weight: Callable[[Array, Array], Array]
    pull_input: Callable[[Array, Array], Array]
    errors: Mapping[str, Array] = field(default_factory=dict)
    inputs: Mapping[str, Array] = field(default_factory=dict)
    weights: Mapping[str, Array] = field(default_factory=dict)


@record(eq=False)
class Link:
    """One step of the reverse sweep, from a value back to an operand of it, and a mistake made there.

    Attributes
    ----------
    layer : str
        What the step belongs to: "normalisation", "mask", "maximum", "gather", "window", "columns",
        "attention", "skip", "time"; empty for none of these.
    mistake : str
        What is done in place of the right thing: "left out", "factor left out", "overwritten" …
    label : str
        The same for the same mistake at the same expression in every step.
    adjoint : callable
        The place's adjoint when the sweep makes this mistake; None where it makes no sense.
    site : int
        The expression of the forward pass whose derivative is mistaken: the one that multiplies by what is forgotten.
    """

    layer: str
    mistake: str
    label: str
    adjoint: Callable[[], Array | None]
    site: int = -1


@record(eq=False)
class Local:
    """The place of the forward computation whose cotangent the user's program gets wrong.

    Attributes
    ----------
    role : str
        What the value is: "activation" (a pre-activation z with ``a = f(z)`` computed from it),
        "weight", "bias", "input" (an activation that enters products), "output" (the network's
        output or the pre-activation of a fused loss), or "other".
    value, true : ndarray
        The value, and its true adjoint.
    upstream : ndarray or None
        True adjoint of what is computed from the value: ``a`` for an activation.
    after : ndarray or None
        ``a`` itself.
    activation : Activation or None
        The function recognised from ``value`` and ``after``.
    uses : tuple of Use
        For weights and inputs: every product that reads the value in this step, in order.
    deltas : tuple of ndarray
        For biases: the true adjoint of every sum the bias entered, in its full (broadcast) shape.
    gates : tuple of ndarray
        For activations: where ``a`` is multiplied with another computed value, as the gates of an LSTM are;
        an array of booleans for each gate that `value` holds.
    slopes : mapping of str to ndarray
        For activations: f'(z) of the layers before and after this one, where they are as wide.
    output, target, form
        Network output, target and the loss that was differentiated.
    penalty : ndarray or None
        The part of ``true`` that comes straight from a regularisation term of the loss.
    links : tuple of Link
        Steps of the sweep between the loss and this place, each with a mistake that can be made there.
    scale : float
        Factor that the program's own errors carry at this place (an averaging left for later, a sign).
    """

    role: str
    value: Array
    true: Array
    upstream: Array | None = None
    after: Array | None = None
    activation: Any = None
    uses: tuple[Use, ...] = ()
    deltas: tuple[Array, ...] = ()
    gates: tuple[Array, ...] = ()
    slopes: Mapping[str, Array] = field(default_factory=dict)
    output: Array | None = None
    target: Array | None = None
    form: str = ""
    penalty: Array | None = None
    links: tuple[Link, ...] = ()
    scale: float = 1.0


@record(eq=False)
class Prediction:
    """The wrong adjoint that a fault would give in place of ``local.true``.

    `label` identifies the hypothesis: it must be the same for the same fault in every step. `note`
    says what the code computes, `should` what it should compute, both as short formulas or phrases.
    `free` allows the user's value to be any multiple of the prediction, otherwise it must be the
    prediction itself (at the scale of what flows in). `elsewhere` says that a place for which the label is
    not predicted is left right by the fault.
    """

    value: Array
    label: str
    note: str = ""
    should: str = ""
    free: bool = False
    elsewhere: bool = False


@record(eq=False)
class Evidence:
    """A fault established from measurements: where, what was seen, what to name.

    `site` and `related` are site numbers of the recording; `subject` is the parameter or value as the
    user names it, put into the headline. `families` are the gradients (indices into the families of the
    early steps) that are wrong in consequence and need no finding of their own. What is `late` came up only
    after training had gone on: where a gradient is wrong, that is the cause of it. `rewrites` are changes to
    be tried one after another: (site, expression or statement of its file, text in its place); `together` they are one.
    """

    site: int | None
    message: str
    label: str = ""
    facts: tuple[str, ...] = ()
    related: tuple[tuple[int, str], ...] = ()
    severity: Severity | None = None
    follows: tuple[str, ...] = ()
    families: tuple[int, ...] = ()
    late: bool = False
    rewrites: tuple[tuple[int, Any, str], ...] = ()
    together: bool = False
