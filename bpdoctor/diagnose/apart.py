"""Values that have an error from elsewhere beside the one through their activation: taken apart, both can be named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bpdoctor.autodiff.mistakes import array, slope
from bpdoctor.model.evidence import Local

_PART = 1e-9


def through_units(cells: Sequence[tuple[Local, Any]]) -> list[tuple[Local, Any]]:
    """What goes through the activation alone, of the true adjoint and of the user's value; empty where that is all.

    The state of an LSTM feeds the next state as well as the output: ``dc = dc_next * f + dh * o * (1 - tanh(c)**2)``.
    """
    out, apart = [], False
    for local, user in cells:
        factor = slope(local) if local.role == "activation" else None
        if factor is None or local.upstream is None or not np.shape(local.upstream) == factor.shape == np.shape(user):
            return []
        through, true = array(local.upstream) * factor, array(local.true)
        rest = true - through
        apart = apart or bool(np.abs(rest).max(initial=0.0) > _PART * np.abs(true).max(initial=0.0))
        out.append((replace(local, true=through), array(user) - rest))
    return out if apart else []
