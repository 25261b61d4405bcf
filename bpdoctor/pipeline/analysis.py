"""From a recorded tape to the faults in it: steps, loss, comparison, localisation, names."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from bpdoctor.autodiff.bounds import active, guards
from bpdoctor.autodiff.ties import tied
from bpdoctor.identify.contrast import contrast_of
from bpdoctor.identify.differences import difference_of
from bpdoctor.identify.step import Step, find_steps, loop_around
from bpdoctor.measure.apart import Apart, evaluated_apart
from bpdoctor.measure.assess import Assessment
from bpdoctor.measure.beside import score
from bpdoctor.measure.errors import of_errors
from bpdoctor.measure.hypotheses import assessments, forward_nodes
from bpdoctor.measure.several import of_several
from bpdoctor.measure.steady import mark_single, too_few
from bpdoctor.measure.units import Unit, find_units
from bpdoctor.measure.view import View
from bpdoctor.model.rule import Rule
from bpdoctor.model.tape import Tape
from bpdoctor.observe.sites import Sites
from bpdoctor.pipeline.choice import declared, descended_term, is_statement, of_its_own, other_loss, printed, wholes
from bpdoctor.pipeline.chosen import Chosen
from bpdoctor.pipeline.objectives import of_objectives
from bpdoctor.pipeline.players import alike, early_views, of_one_course, players_of
from bpdoctor.pipeline.summed import Single, of_all_terms

if TYPE_CHECKING:
    from bpdoctor.diagnose.believed import Fault
    from bpdoctor.diagnose.meant import Meant
    from bpdoctor.diagnose.name import Named
    from bpdoctor.pipeline.diagnosing import Diagnosed


@dataclass(slots=True, eq=False)
class Analysis:
    """What one look at a tape found.

    `aside` is a loss that is computed, but is not what is descended, `part` the term that alone is descended of one
    that is a sum, `term` the only difference of one that is of several, `seldom` the loss itself where only some of
    the steps compute it, `apart` one that is evaluated between them, `objectives` where several are computed that
    each have parameters of their own, `reversed` the families that climb one of these, `weights` those that samples
    have in the gradient alone; `others` are the analyses of players that are trained in turn with the first.
    """

    tape: Tape
    views: list[View]
    assessment: Assessment | None = None
    rest: Assessment | None = None
    units: list[Unit] = field(default_factory=list)
    faults: list[Diagnosed] = field(default_factory=list)
    alternatives: list[Assessment] = field(default_factory=list)
    loop: int | None = None
    steps_seen: int = 0
    given: bool = False
    undecided: bool = False
    difference: int | None = None
    contrast: int | None = None
    aside: Assessment | None = None
    part: Assessment | None = None
    term: Single | None = None
    seldom: Assessment | None = None
    apart: Apart | None = None
    objectives: tuple[int, ...] = ()
    reversed: tuple[int, ...] = ()
    meant: tuple[Meant, ...] = ()
    others: list[Analysis] = field(default_factory=list)

    @property
    def players(self) -> list[Analysis]:
        """What is trained in turn, the first included."""
        return [self, *self.others]

    @property
    def aimless(self) -> bool:
        """Whether nothing in the steps could be a loss: a simulation makes such, and may stand before what trains."""
        return not any((p.alternatives, p.difference, p.contrast) != ([], None, None) for p in self.players)


def analyse(
    tape: Tape,
    sites: Sites,
    rules: Sequence[Rule],
    chosen: Chosen,
    probes: Sequence[View] = (),
    *,
    diagnose: bool = True,
) -> Analysis | None:
    """Examine a tape, with steps at other parameters where given; None when nothing on it is trained.

    Without `diagnose`, gradients that do not agree are left undecided.
    """
    named = chosen.steps()
    steps = find_steps(tape, named, chosen.done())
    if chosen.step and not named:
        return None
    if not steps:
        return None
    loop = steps[0].loop
    first, *rest = players_of([s for s in steps if s.loop == loop])
    out = _of_player(tape, first, sites, rules, chosen, probes, diagnose=diagnose)
    if loop in named:
        out.loop = loop_around(tape, steps[0], named) if isinstance(sites[loop].node, ast.FunctionDef) else loop
    out.others = [_of_player(tape, s, sites, rules, chosen, (), diagnose=diagnose) for s in rest]
    return out


def _of_player(
    tape: Tape,
    steps: Sequence[Step],
    sites: Sites,
    rules: Sequence[Rule],
    chosen: Chosen,
    probes: Sequence[View],
    *,
    diagnose: bool,
) -> Analysis:
    """What these steps tell."""
    views = _moving(early_views(tape, steps))
    chosen.restrict([*views, *probes])
    out = Analysis(tape, views, loop=steps[0].loop, steps_seen=len(steps), given=bool(chosen.loss))
    if not views or not views[0].families:
        return out
    if (found := difference_of(tape, views[0].step)) is not None:
        out.difference = tape.nodes[found].site
        return out
    if (found := contrast_of(tape, views[0].step)) is not None:
        out.contrast = tape.nodes[found].site
        return out
    if probes:
        views = out.views = _with_probes(views, probes)
    _judge(out, sites, rules, chosen, diagnose=diagnose)
    return out


def _moving(views: list[View]) -> list[View]:
    """Without the steps at which a rate of 0 hides every gradient, as at the beginning of a warm-up."""
    moving = [v for v in views if any(np.any(change) for change in v.changes)]
    return moving if len(moving) > 1 else views


def again(a: Analysis, views: list[View], sites: Sites, rules: Sequence[Rule], chosen: Chosen) -> Analysis:
    """The same program judged by other steps, on whatever tapes they are."""
    out = Analysis(a.tape, alike(views), loop=a.loop, steps_seen=a.steps_seen, given=a.given, others=a.others)
    _judge(out, sites, rules, chosen, diagnose=True)
    return out


def _judge(out: Analysis, sites: Sites, rules: Sequence[Rule], chosen: Chosen, *, diagnose: bool) -> None:
    views = out.views
    out.units = find_units(views, forward_nodes(views[0], lambda i: sites[i].node))
    mark_single(views, out.units, lambda i: sites[i].node)
    named_loss = chosen.loss_node if chosen.loss else None
    tried = assessments(views, lambda i: sites[i].node, named_loss, lambda i: is_statement(sites[i]))
    if named_loss is None and not any(a.settled for a in tried):
        tried = [*tried, *of_errors(views, tried, lambda i: sites[i].node), *of_several(views, lambda i: sites[i].node)]
    out.alternatives = tried
    if tried:
        _decide(out, sites, rules, diagnose=diagnose)
    if diagnose and tried and not out.faults and not out.meant and _unexplained(out):
        _narrow(out, sites, rules)


def _narrow(out: Analysis, sites: Sites, rules: Sequence[Rule]) -> None:
    """What no step explains together with the others may be explained by those that take the same course."""
    same = of_one_course(out.views)
    if not 1 < len(same) < len(out.views):
        return
    known = out.assessment, out.rest
    _diagnose(out, assessments(same, lambda i: sites[i].node), sites, rules)
    if out.faults and all(n.rule is not None for _, n in out.faults):
        out.views = same
        return
    out.assessment, out.rest = known
    out.faults = []


def _unexplained(a: Analysis) -> bool:
    return a.assessment is None or any(o.status in ("wrong", "not-finite") for o in a.assessment.outcomes)


def _decide(out: Analysis, sites: Sites, rules: Sequence[Rule], *, diagnose: bool) -> None:
    """The loss under which all gradients agree, or else what is wrong with them."""
    tried = out.alternatives
    settled = [a for a in tried if a.settled]
    settled = [a for a in settled if not a.indirect] or settled
    if len(settled) > 1:
        settled = [a for a in settled if not score(a, lambda i: sites[i].node)] or settled
    said, doubtful = _said(out, settled, sites)
    out.undecided = not diagnose and (not settled or bool(said))
    if out.undecided:
        return
    if said:
        # The program computes one loss and descends another.
        _diagnose(out, said, sites, rules)
        # A penalty of another size, taken for a decay, would leave the rest of the loss as what is descended.
        known = all(n.rule is not None for _, n in out.faults) or any(a.indirect for a in settled)
        if out.assessment is not None and known:
            return
        out.faults = []
        for whole in said:
            if (part := descended_term(whole, settled)) is not None:
                out.assessment, out.rest, out.part = whole, part, part
                return
    if settled and all(a.inferred for a in settled):
        out.aside = next(iter([*said, *doubtful]), None)
    if settled:
        out.assessment = out.rest = declared(settled, sites)
        out.alternatives = [out.assessment]
        if out.assessment.inferred:
            out.seldom = printed(settled)
        return
    several = of_objectives(tried, sites)
    if several is not None:
        out.assessment = out.rest = several.assessment
        out.objectives, out.reversed = several.sites, several.reversed
        return
    _diagnose(out, tried, sites, rules)


def _said(out: Analysis, settled: list[Assessment], sites: Sites) -> tuple[list[Assessment], list[Assessment]]:
    """Losses that the program computes and does not descend, and numbers that may be such."""
    tried = out.alternatives
    said: list[Assessment] = []
    doubtful: list[Assessment] = []
    if all(a.inferred for a in tried):
        out.apart = evaluated_apart(out.tape, out.views)
    if settled and all(a.inferred for a in settled):
        descended = {s.form for s in settled}
        said = [a for a in tried if not a.inferred and other_loss(a, descended)]
        if out.apart is not None and out.apart.form not in descended:
            said = [a for a in tried if a.form == out.apart.form]
        if not said:
            said, doubtful = of_its_own(tried, descended, sites)
        out.term = None if said or doubtful else of_all_terms(tried, descended, sites)
    elif settled:
        said = wholes(tried, settled, sites)
    return said, doubtful


def _with_probes(views: list[View], probes: Sequence[View]) -> list[View]:
    """Recorded steps that stand on no kink, and the probes that have the same parameters."""
    comparable = alike([*views, *probes])
    units = find_units(comparable)
    clear = [v for v in comparable if not on_kink(v, units)]
    return clear if any(v in probes for v in clear) else comparable


def on_kink(view: View, units: Sequence[Unit]) -> bool:
    """Whether a unit with a corner is exactly at it, where either one-sided derivative is right.

    Behind a bound that is there for the numbers' sake, none or that of the unbounded value is right. Of equal maxima
    the first may get the whole error.
    """
    if any((guards(view.tape, n) and active(view.tape, n)) or tied(view.tape, n) for n in view.forward):
        return True
    for unit in units:
        if unit.activation.name in ("relu", "leaky relu", "elu") and unit.before in view.by_key:
            z = np.asarray(view.tape.values[view.by_key[unit.before]])
            if (z == 0).any():
                return True
    return False


def wants_probes(a: Analysis) -> bool:
    """Whether steps at other parameters would tell more: something is zero, at a corner, unexplained, or too rare."""
    if a.assessment is None:
        return True
    statuses = {o.status for o in a.assessment.outcomes}
    return bool(statuses & {"vacuous", "wrong", "scaled", "not-finite"}) or too_few(a.assessment.trials)


def _diagnose(out: Analysis, tried: list[Assessment], sites: Sites, rules: Sequence[Rule]) -> None:
    """Say what is wrong; what does so is imported where something is."""
    from bpdoctor.diagnose.combined import combined_of
    from bpdoctor.diagnose.feedback import feedback_of
    from bpdoctor.diagnose.weighted import weights_of
    from bpdoctor.pipeline.diagnosing import diagnosed

    apart = "" if out.apart is None else out.apart.form
    out.assessment, out.rest, faults = diagnosed(tried, out.units, sites, rules, given=out.given, apart=apart)

    def purpose(fault: Fault, named: Named) -> Meant | None:
        unnamed = named.rule is None
        return (weights_of(fault) or feedback_of(fault) or combined_of(fault)) if unnamed else None

    told = [(found, purpose(*found)) for found in faults]
    out.meant = tuple(dict.fromkeys(m for _, m in told if m is not None))
    out.faults = [found for found, m in told if m is None]
