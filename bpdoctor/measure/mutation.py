"""Arrays of the forward pass that are overwritten through one name and read later through another."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from bpdoctor.autodiff.replay import NotReplayed, recompute
from bpdoctor.measure.layers import above, backward_nodes, heads
from bpdoctor.measure.view import View
from bpdoctor.model.examination import Examination, Measurement
from bpdoctor.model.record import record
from bpdoctor.model.tape import CONST, Entered, Store, Tape, Use, Write

Binding = tuple[str, str, str]


@record
class LateRead:
    """The array that `name` holds was overwritten at `write` through `writer`, and is read at `read`.

    `families` are the wrong gradients that are computed from the reading.
    """

    write: int
    read: int
    name: str
    writer: str
    bound: int
    families: tuple[int, ...]


def late_reads(examination: Examination) -> list[LateRead]:
    """One reading a pair of lines, in order of execution; after the loop where its last step is known."""
    out: dict[tuple[int, int], LateRead] = {}
    last = examination.late[-1:] if examination.late else []
    for view in [*examination.views, *last]:
        for found in _Search(examination, view).run():
            out.setdefault((found.write, found.read), found)
    return list(out.values())


class _Names:
    """Which names hold which array, whatever was written into it since."""

    def __init__(self) -> None:
        self.root: dict[int, int] = {}
        self.held: dict[Binding, int] = {}
        self.bound: dict[int, dict[Binding, Store]] = defaultdict(dict)

    def bind(self, key: Binding, store: Store) -> None:
        """A name is given a value: the first binding to an array counts."""
        root = self.root.get(store.node, store.node)
        before = self.held.get(key)
        if before != root:
            if before is not None:
                self.bound[before].pop(key, None)
            self.bound[root][key], self.held[key] = store, root

    def overwritten(self, write: Write) -> Mapping[Binding, Store]:
        """The names of an array that is overwritten."""
        root = self.root[write.after] = self.root.get(write.before, write.before)
        return self.bound.get(root, {})


class _Search:
    """One step and what is recorded after it on the same tape."""

    def __init__(self, examination: Examination, view: View) -> None:
        self.tape: Tape = view.tape
        self.sites = examination.sites
        self.view = view
        self.forward = above(view.tape, heads(examination, view)) & view.forward
        self.backward = backward_nodes(view)
        assessment = examination.assessment
        outcomes = assessment.outcomes if assessment else ()
        self.wrong = {
            k: view.backward(family)
            for k, (family, outcome) in enumerate(zip(view.families, outcomes, strict=False))
            if outcome.status not in ("ok", "vacuous", "scaled")
        }
        lasting = [c for c in (*view.step.parameters, *view.step.state) if self.lasts(c.start)]
        self.kept = {n for c in lasting for u in c.updates for n in (u.before, u.after)}

    def lasts(self, start: int) -> bool:
        """Whether a version was there before the step."""
        return start < self.view.step.start or self.tape.nodes[start].prim in ("leaf", "view", "made")

    def run(self) -> Iterator[LateRead]:
        step, names = self.view.step, _Names()
        for i, event in enumerate(self.tape.events):
            if isinstance(event, Store):
                names.bind(self.slot(event), event)
            if not isinstance(event, Write):
                continue
            bound = names.overwritten(event)
            within = step.start <= event.position <= step.hi
            if within and event.before in self.forward and event.before not in self.kept:
                yield from self.reads_of(i, event, bound)

    def reads_of(self, i: int, write: Write, bound: Mapping[Binding, Store]) -> Iterator[LateRead]:
        """Readings of the new contents, by event number `i`, under names that were bound to the old ones."""
        target = self.sites[write.site].node
        writer = self.binding(_base(target), self.sites[write.site])
        names = {b: e for b, e in bound.items() if b != writer}
        if not names or self.is_meant(write):
            return
        versions = self.versions(write)
        legitimate: set[Binding] = set()
        for n, site, binding in self.readings(i, write, versions):
            if binding not in names or binding in legitimate:
                continue
            if n is not None and n in self.forward and n in self.backward:
                # The network itself goes on with the new contents under this name.
                legitimate.add(binding)
                continue
            families = tuple(k for k, nodes in self.wrong.items() if n in nodes)
            if n in self.backward and not families:
                continue
            if n is not None and not self.differs(n, write, versions):
                continue
            yield LateRead(write.site, site, binding[2], _base_text(target), names[binding].site, families)

    def is_meant(self, write: Write) -> bool:
        """Whether a function was called for nothing but what it does to its argument: ``threshold(z)``."""
        site = self.sites[write.site]
        called, target = self.tape.call(write.after, site.scope), _base(site.node)
        if called is None or not isinstance(target, ast.Name):
            return False
        statement = self.sites[called.site].statement
        alone = isinstance(statement, ast.Expr) and statement.value is self.sites[called.site].node
        return alone and _is_argument(site, target.id, called)

    def versions(self, write: Write) -> set[int]:
        """What the array is after the write, and arrays that show the overwritten memory."""
        out = {write.after}
        for event in self.tape.events:
            if isinstance(event, Write) and event.before in out:
                out.add(event.after)
        for n in range(write.after + 1, len(self.tape)):
            if self.tape.nodes[n].prim == "overlay" and self.tape.nodes[n].inputs[1] in out:
                out.add(n)
        return out

    def readings(self, i: int, write: Write, versions: set[int]) -> Iterator[tuple[int | None, int, Binding]]:
        """(node, site, name) of every operation or print that reads one of the versions after the write."""
        found: list[tuple[int, int | None, int, Binding]] = []
        for n in range(write.after + 1, len(self.tape)):
            node = self.tape.nodes[n]
            if node.prim not in ("overlay", "view", "leaf") and not versions.isdisjoint(node.inputs):
                found += [(n, n, node.site, b) for b in self.read_names(node.site)]
        for event in self.tape.events[i + 1 :]:
            if isinstance(event, Use) and event.node in versions:
                found += [(event.position, None, event.site, b) for b in self.read_names(event.site)]
        for _, reader, site, binding in sorted(found, key=lambda f: f[0]):
            if site != write.site:
                yield reader, site, binding

    def read_names(self, site: int) -> list[Binding]:
        """Names whose value an expression takes directly."""
        place = self.sites[site]
        found = (self.binding(part, place) for part in _operands(place.node))
        return [b for b in found if b is not None]

    def binding(self, node: ast.AST | None, place: Any) -> Binding | None:
        """What tells one name from another: attributes by name, local names by scope as well."""
        if isinstance(node, ast.Name):
            return "name", place.scope, node.id
        if isinstance(node, ast.Attribute):
            return "attribute", "", node.attr
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            return "item", "", repr(node.slice.value)
        return None

    def slot(self, store: Store) -> Binding:
        kind, name = str(store.slot[0]), str(store.slot[2])
        if kind == "item" or len(store.slot) > 3:
            return "item", "", store.name.rpartition("[")[2].rstrip("]")
        return (kind, "", name) if kind == "attribute" else ("name", self.sites[store.site].scope, name)

    def differs(self, n: int, write: Write, versions: set[int]) -> bool:
        """Whether the reading would have given something else before the write."""
        old = self.tape.values[write.before]
        replaced = {s: old for s in self.tape.nodes[n].inputs if s in versions and s != CONST}
        try:
            with np.errstate(all="ignore"):
                value = recompute(self.tape, n, replaced)
        except NotReplayed:
            return True
        return not np.array_equal(np.asarray(value), np.asarray(self.tape.values[n]))


def _operands(node: ast.AST) -> list[ast.AST]:
    """Expressions whose value an operation takes."""
    match node:
        case ast.BinOp(left=a, right=b):
            return [a, b]
        case ast.UnaryOp(operand=a) | ast.Attribute(value=a) | ast.Subscript(value=a) | ast.FormattedValue(value=a):
            return [a]
        case ast.Compare(left=a, comparators=rest):
            return [a, *rest]
        case ast.AugAssign(value=a) | ast.Assign(value=a):
            return [a]
        case ast.Call(func=function, args=args, keywords=keywords):
            owner = [function.value] if isinstance(function, ast.Attribute) else []
            return [*owner, *args, *(k.value for k in keywords)]
        case ast.Name():
            return [node]
    return []


def _is_argument(site: Any, name: str, called: Entered) -> bool:
    """Whether a function has an argument of this name and binds nothing else to it."""
    for home in ast.walk(ast.parse(site.source.text)):
        if isinstance(home, ast.FunctionDef) and home.name == called.function:
            bound = (n for n in ast.walk(home) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
            if home.lineno <= site.line <= (home.end_lineno or 0):
                return name in [a.arg for a in home.args.args] and all(n.id != name for n in bound)
    return False


def _base(node: ast.AST) -> ast.AST | None:
    """The name through which a statement or call writes."""
    match node:
        case ast.AugAssign(target=target):
            return _base(target)
        case ast.Assign(targets=[target, *_]):
            return _base(target)
        case ast.Subscript(value=value, slice=key) if not isinstance(key, ast.Constant) or _is_name(value):
            return value if _is_name(value) else _base(value)
        case ast.Call(keywords=keywords, args=args, func=function):
            out = next((k.value for k in keywords if k.arg == "out"), None)
            if out is None and isinstance(function, ast.Attribute) and function.attr in ("fill", "sort", "put"):
                out = function.value
            return out or (args[0] if args else None)
    return node


def _is_name(node: ast.AST) -> bool:
    return isinstance(node, ast.Name | ast.Attribute)


def _base_text(node: ast.AST) -> str:
    base = _base(node)
    return ast.unparse(base) if base is not None else ""


MEASURE = Measurement("mutation", late_reads)
