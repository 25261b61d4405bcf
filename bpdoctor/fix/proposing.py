"""All changes that are worth a trial at one place, the likeliest first."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from bpdoctor.fix.analogy import analogous
from bpdoctor.fix.assigning import statement_changes
from bpdoctor.fix.changes import changes_of, parts_of
from bpdoctor.fix.composed import composed, constants, instead, missing, slopes, within_reach
from bpdoctor.fix.entrywise import product
from bpdoctor.fix.ratio import Target
from bpdoctor.fix.scope import Term, evaluated, is_numeric, terms_in_scope
from bpdoctor.fix.spread import added_up, narrow, through_normalisation
from bpdoctor.fix.stretch import Scope, Stretch
from bpdoctor.fix.writing import Text, factor, held

_MOST_PARTS = 6
_FARTHER = 0.3
_WANTED = "__bpdoctor_wanted__"
_SHAPELESS = (ast.Slice, ast.Tuple, ast.List, ast.Starred, ast.JoinedStr, ast.FormattedValue)
Offer = tuple[float, int, int, str]


@dataclass(slots=True, eq=False)
class Proposing:
    """A place: a stretch of text, the names there with their values, and the activations' derivatives.

    `start` are the names as they are before the stretch.
    """

    stretch: Stretch
    scope: Scope
    terms: Sequence[Term]
    formulas: Sequence[str]
    start: Scope = field(default_factory=dict)
    shapes: dict[ast.expr, tuple[int, ...] | None] = field(default_factory=dict)
    made: dict[tuple[int, ...], tuple[list[Term], list[Term]]] = field(default_factory=dict)

    def offers(self, own: Any, wanted: Any) -> list[Offer]:
        """Changes of the text at the place (cost, start, end, new text) that may turn a value into another."""
        text, root = self.stretch.text, self.stretch.root
        wanted = np.asarray(wanted, dtype=self.kind)
        out: list[Offer] = []
        for statement in self.stretch.before:
            for inner in ast.walk(statement):
                if isinstance(inner, ast.stmt):
                    out += statement_changes(inner, text)
        for node in self.stretch.expressions():
            far = _FARTHER if root is not None and node is not root and root not in text.above(node) else 0.0
            for cost, at, new in changes_of(node, text, self.terms, self.shape):
                out.append((cost + far, *written(text, at, new)))
        if root is not None:
            out += self.rebuilt(root, own, wanted)
            out += self.both(root, wanted)
        else:
            out += self.filled(wanted)
        return sorted((o for o in out if o[3]), key=lambda o: o[0])

    def inside(self) -> Iterator[Offer]:
        """Changes of an expression of which it is not known what it should give."""
        text, root = self.stretch.text, self.stretch.root
        for node in self.stretch.expressions():
            for cost, at, new in changes_of(node, text, self.terms, self.shape):
                yield cost, *written(text, at, new)
        if root is not None:
            for t in self.expressions(self.shape(root) or ())[0]:
                yield 1.2, *written(text, root, t.text)
                yield 1.4, *written(text, root, f"{held(text.of(root))} * {factor(t.text)}")

    def rebuilt(self, root: ast.expr, own: Any, wanted: Any) -> Iterator[Offer]:
        """The root, or a part of it, with something more; then something else in its place."""
        text = self.stretch.text
        pool = [*self.expressions(np.shape(own))[0], *self.expressions(wanted.shape)[1]]
        pool += analogous(self.stretch, self.scope, self.terms, wanted.shape)
        spread = [*narrow(self.terms, wanted.shape), *added_up(self.terms, wanted.shape)]
        numbers = constants(self.terms)
        for node, value, back in within_reach(root, own, wanted, self.value):
            needed = np.asarray(back, dtype=self.kind)
            parts = [(0.0, node, value)]
            parts += [(0.2, inner, self.value(inner)) for inner in list(parts_of(node))[:_MOST_PARTS]]
            for more, part, now in parts:
                if is_numeric(now):
                    for cost, new in missing(now, needed, text.of(part), numbers, pool, spread):
                        yield cost + more, *written(text, node, new)
            for cost, new in instead(needed, numbers, [*pool, *through_normalisation(needed, self.terms)]):
                yield cost, *written(text, node, new)

    def both(self, root: ast.expr, wanted: Any) -> Iterator[Offer]:
        """A product and a derivative in place of the root: what two mistakes in one value have spoilt."""
        target, (derived, products) = Target(wanted), self.expressions(wanted.shape)
        pool = [
            Term(product(p.text, s.text, p.value, s.value), np.multiply(p.value, s.value))
            for s in derived
            for p in products if _multiplied(p) and target.ratio(np.asarray(p.value), np.asarray(s.value)) is not None
        ]  # fmt: skip
        for cost, new in instead(wanted, constants(self.terms), pool):
            yield cost + 0.5, *written(self.stretch.text, root, new)

    def filled(self, wanted: Any) -> Iterator[Offer]:
        """Something else that is put into a part of an array by the last statement."""
        last, text = self.stretch.before[-1], self.stretch.text
        target = last.targets[0] if isinstance(last, ast.Assign) else None
        if not isinstance(target, ast.Subscript) or not isinstance(last, ast.Assign):
            return
        scope = dict(self.start)
        try:
            replace(self.stretch, before=self.stretch.before[:-1]).run(scope)
        except Exception:  # what is made there may not be there yet
            return
        part = evaluated(self.stretch, scope | {_WANTED: wanted}, f"{_WANTED}[{text.of(target.slice)}]")
        if is_numeric(part):
            terms = terms_in_scope(self.stretch, scope)
            for cost, new in instead(part, constants(terms), list(composed(terms, np.shape(part)))):
                yield cost - 0.8, *written(text, last.value, new)

    def expressions(self, shape: tuple[int, ...]) -> tuple[list[Term], list[Term]]:
        """Derivatives of the activations, and products and sums of the names in scope, of one shape."""
        if shape not in self.made:
            derived = slopes(self.stretch, self.scope, self.formulas, self.terms, shape)
            self.made[shape] = list(derived), list(composed(self.terms, shape))
        return self.made[shape]

    @property
    def kind(self) -> type[np.floating[Any]]:
        """What the program computes in: of single precision, more may be rounding."""
        short = any(getattr(t.value, "dtype", None) == np.float32 for t in self.terms)
        return np.float32 if short else np.float64

    def value(self, node: ast.expr) -> Any:
        return evaluated(self.stretch, self.scope, self.stretch.text.of(node))

    def shape(self, node: ast.expr) -> tuple[int, ...] | None:
        """The shape of what an expression gives, None where that is no number."""
        if node not in self.shapes:
            value: Any = None if isinstance(node, _SHAPELESS) else self.value(node)
            numeric = isinstance(value, np.ndarray | float | int | np.number)
            self.shapes[node] = np.shape(value) if numeric else None
        return self.shapes[node]


def _multiplied(term: Term) -> bool:
    """Whether a text is a product of matrices; of `np.matrix` that is `*`."""
    return "@" in term.text or ("*" in term.text and isinstance(term.value, np.matrix))


def written(text: Text, node: ast.expr, new: str) -> tuple[int, int, str]:
    """Where and what a change is; the text is empty where it cannot be written."""
    try:
        return text.written(node, new)
    except SyntaxError:
        return 0, 0, ""
