"""Probabilities that are put through softmax again."""

from __future__ import annotations

from bpdoctor.measure.callers import call_of
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record


@record
class Doubled:
    """The `first` softmax and the `second` one: its call, or `entry`, where the probabilities enter its formula."""

    first: int
    second: int
    entry: int


def normalised_twice(examination: Examination) -> list[Doubled]:
    """One for each softmax whose input is the output of another."""
    softmaxes = [u for u in examination.units if u.activation.name == "softmax"]
    outputs = {u.after: u for u in softmaxes}
    out = []
    for second in softmaxes:
        first = outputs.get(second.before)
        if first is None:
            continue
        view = examination.views[0]
        given = view.by_key[second.before]
        nodes = view.tape.nodes
        entry = next((nodes[n].site for n in sorted(second.inside) if given in nodes[n].inputs), second.after[0])
        calls = [call_of(view, view.by_key[u.before], view.by_key[u.after], examination.sites) for u in (first, second)]
        out.append(
            Doubled(first.after[0] if calls[0] is None else calls[0], entry if calls[1] is None else calls[1], entry)
        )
    return out


MEASURE = Measurement("normalised twice", normalised_twice)
