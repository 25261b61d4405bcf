"""How the error changes on its way back through the layers, over the run.

References
----------
Glorot & Bengio 2010: back-propagated gradients shrink from layer to layer where weights are not scaled to them.
Bengio, Simard & Frasconi 1994: by a factor a layer or a time step, so that depth makes it a power.
"""

from __future__ import annotations

import numpy as np

from bpdoctor.measure.course import course
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record

_FEWEST_LAYERS = 3


@record
class Flow:
    """Norms of the error that arrives at the hidden layers.

    `sites` from the first layer to the last; `early` and `late` their norms at the first and the last
    sampled step. `course` is what the loss does.
    """

    sites: tuple[int, ...]
    early: tuple[float, ...]
    late: tuple[float, ...]
    course: str


def flow(examination: Examination) -> list[Flow]:
    """The flow through at least three hidden layers of their own weights; a layer used again is left out."""
    samples, groups = examination.samples, examination.groups
    if len(samples) < 2:
        return []
    hidden = [k for k, g in enumerate(groups) if g.hidden and len(g.members) == 1]
    sizes = [tuple(0.0 if (x := s.layers[k]) is None else x.error or 0.0 for k in hidden) for s in samples]
    losses = [s.loss for s in samples]
    if len(hidden) < _FEWEST_LAYERS or losses[0] is None or _shared(examination):
        return []
    finite = [i for i, s in enumerate(sizes) if all(np.isfinite(s)) and losses[i] is not None]
    if not finite or finite[0] != 0:
        return []
    last = finite[-1]
    sites = tuple(groups[k].site for k in hidden)
    word = course(losses) if last == len(samples) - 1 else "diverging"
    return [Flow(sites, sizes[0], sizes[last], word)]


def _shared(examination: Examination) -> bool:
    """Whether weights are used several times in one pass: a recurrence, whose errors are those of moments."""
    view = examination.views[0]
    uses = [
        s for n in view.forward for s in set(view.tape.nodes[n].inputs) if view.tape.nodes[n].prim in ("matmul", "dot")
    ]
    return any(uses.count(c.start) > 1 for c in view.step.parameters if np.ndim(view.tape.values[c.start]) == 2)


MEASURE = Measurement("flow", flow)
