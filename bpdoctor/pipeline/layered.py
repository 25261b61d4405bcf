"""Which layer a constant factor on some gradients comes from: a mask's scale, a root of d, that was left out."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from bpdoctor.diagnose.handed import returned
from bpdoctor.diagnose.links import links_of
from bpdoctor.measure.fit import fit
from bpdoctor.measure.matching import AdjointIndex
from bpdoctor.model.evidence import Link
from bpdoctor.model.record import record
from bpdoctor.model.report import Finding, Mark
from bpdoctor.model.rule import Rule
from bpdoctor.model.source import Edit
from bpdoctor.observe.sites import Sites
from bpdoctor.pipeline.repairs import Proposal, parenthesised
from bpdoctor.report.wording import factor

# What needs no brackets beside an operator.
_CLOSED = (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.Constant)
LAYERS = frozenset({"mask", "attention", "normalisation"})
_NEAR = 1e-6


@record(eq=False)
class Layered:
    """The rule of the layer, the families that its factor acts on, the mistake at a forward expression, the factor."""

    rule: Rule
    families: tuple[int, ...]
    mistake: str
    site: int
    factor: float


def layered(state: Any, scaled: Sequence[int], units: Sequence[Any], rules: Mapping[str, Rule]) -> Layered | None:
    """The one mistake in one layer that gives just these factors, to these families or to all others."""
    sizes = {round(state.outcomes[k].scale, 9) for k in scaled}
    if len(sizes) != 1:
        return None
    size = state.outcomes[scaled[0]].scale
    others = [k for k, o in enumerate(state.outcomes) if o.status == "ok"]
    for touched, spared, amount in ((scaled, others, size), (others, scaled, 1 / size)):
        found = _common(state, touched, spared, units, amount) if touched else None
        rule = next((r for r in rules.values() if found is not None and found.layer in r.layers), None)
        if found is not None and rule is not None:
            return Layered(rule, tuple(touched), found.mistake, found.site, amount)
    return None


def _common(
    state: Any, touched: Sequence[int], spared: Sequence[int], units: Sequence[Any], amount: float
) -> Link | None:
    """A mistake by which the touched families, and none of the spared, are multiplied on every step."""
    first = _effects(state.trials[0], touched[0], units)
    for label, (link, size) in first.items():
        if abs(size - amount) > _NEAR * abs(amount):
            continue
        everywhere = all(
            abs(_effects(trial, k, units).get(label, (link, 1.0))[1] - (amount if k in touched else 1.0)) <= _NEAR
            for trial in state.trials
            for k in (*touched, *spared)
        )
        if everywhere:
            return link
    return None


def _effects(trial: Any, k: int, units: Sequence[Any]) -> dict[str, tuple[Link, float]]:
    """Mistakes that multiply the gradient of a family by a constant, with the constant (NaN for others)."""
    chain = trial.view.step.parameters[trial.view.families[k].claims[0].parameter]
    out: dict[str, tuple[Link, float]] = {}
    for link in links_of(trial, chain.start, units, None):
        value = link.adjoint() if link.layer in LAYERS else None
        if value is not None:
            found = fit(value, trial.adjoints.get(chain.start), 1e-9)
            out[link.label] = link, found.scale if found.matches else float("nan")
    return out


def in_layer(state: Any, whole: Layered, names: Sequence[str], sites: Sites) -> tuple[Finding, int | None]:
    """One factor on all gradients below a layer that a step of this layer brings with it, and where it comes in."""
    view, k = state.trials[0].view, whole.families[0]
    node = _jump(state, k, whole)
    at = None if node is None else returned(view, node, sites)
    entry = view.families[k].site if node is None else view.tape.nodes[node].site if at is None else at
    site = sites[entry]
    touched = tuple(names[j] for j in whole.families)
    finding = Finding(
        whole.rule.code,
        whole.rule.slug,
        "error",
        f"gradient of {', '.join(f'`{n}`' for n in touched[:3])} is wrong: {whole.rule.title}",
        Mark(site.span, "the factor comes in here"),
        evidence=(f"{factor(whole.factor)} times the scale of the others, as with a step {whole.mistake}",),
        why=whole.rule.why,
        residual=0.0,
        follows=touched,
    )
    return finding, entry


def as_forward(whole: Layered, entry: int, sites: Sites) -> list[Proposal]:
    """The place with the factor of the forward expression, in its words."""
    site, node = sites[entry], sites[whole.site].node
    if not whole.mistake.startswith("factor left out") or not isinstance(site.node, ast.expr) or not site.text:
        return []
    if not isinstance(node, ast.BinOp | ast.AugAssign) or not isinstance(node.op, ast.Mult | ast.Div):
        return []
    operator = "/" if isinstance(node.op, ast.Div) else "*"
    operands = [node.value] if isinstance(node, ast.AugAssign) else [node.right, node.left]
    factor_like = isinstance(site.node, ast.BinOp) and isinstance(site.node.op, ast.Mult | ast.Div | ast.MatMult)
    held = site.text if factor_like or isinstance(site.node, _CLOSED) else f"({site.text})"
    out = []
    for operand in operands[: 1 if operator == "/" else 2]:
        text = ast.get_source_segment(sites[whole.site].source.text, operand) or ""
        new = parenthesised(site, f"{held} {operator} {text if isinstance(operand, _CLOSED) else f'({text})'}")
        out.append(Proposal(f"write `{new}`", (Edit(site.span, new),)))
    return out


def _jump(state: Any, k: int, whole: Layered) -> int | None:
    """Where a backward value gets the factor that the right value before it has not.

    A factor that is left out is missing at a value that is right for what is multiplied by the factor,
    and is taken for the adjoint of what it is multiplied with: it matches both. What is made of it first is the
    place, unless several are.
    """
    first = _gains(state, k, whole)
    if not first or not first[0][1]:
        return first[0][0] if first else None
    sole = {next((n for n, both in _gains(state, j, whole) if not both), None) for j in whole.families}
    found = sole.pop()
    return found if found is not None and not sole else first[0][0]


def _gains(state: Any, k: int, whole: Layered) -> list[tuple[int, bool]]:
    """Backward values with the factor, whether they match without it as well, up to the first that does not."""
    view, index = state.trials[0].view, AdjointIndex(state.trials)
    last: float | None = None
    out: list[tuple[int, bool]] = []
    for n in sorted(view.backward(view.families[k])):
        matches = index.matches(view.keys[n]) if n in view.keys and n >= view.step.start else []
        scales = {round(m.scale, 9) for m in matches}
        gained = last is not None and any(abs(x - last * whole.factor) <= _NEAR * abs(x) for x in scales)
        if gained and (len(scales) == 1 or whole.mistake.startswith("factor left out")):
            out.append((int(n), len(scales) > 1))
            if len(scales) == 1:
                break
        elif len(scales) == 1:
            last = matches[0].scale
    return out
