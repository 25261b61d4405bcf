"""The forward pass that a loss belongs to, other passes beside it, and what was stored where."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np

from bpdoctor.model.tape import CONST, Store, Write

EXACT = 1e-9
_MOST = 8
_NEAR = 6
_TELLING = 4


def factor(found: Any, wanted: Any) -> float | None:
    """The number by which one array is another; None where it is not, 0 where both are zero.

    What has only a few entries must be equal outright: a number is a multiple of every other.
    """
    x, y = np.ravel(found), np.ravel(np.asarray(wanted, dtype=np.float64))
    if x.size != y.size or not np.isfinite(x).all() or not np.isfinite(y).all():
        return None
    if not y.any():
        return None if x.any() else 0.0
    k = float(np.dot(x, y) / np.dot(y, y)) if x.size >= _TELLING else 1.0
    fits = np.abs(x - k * y).max() <= EXACT * max(float(np.abs(x).max()), abs(k) * float(np.abs(y).max()))
    return k if k and fits else None


class Pass:
    """One step's forward pass: everything that the differentiated loss was computed from."""

    def __init__(self, trial: Any, sites: Any) -> None:
        self.view, self.tape, self.sites = trial.view, trial.view.tape, sites
        self.masks, self.start = trial.view.masks, trial.view.step.lo
        self.starts = {c.start for c in trial.view.step.parameters}
        self.trial = trial
        # What made the parameters is another step's.
        self.forward = self._above(trial.candidate.seeds, self.starts)
        self.end = max(trial.candidate.seeds)
        self.computed = {n for n in self.forward if n in self.masks} - self.starts

    def _above(self, roots: Any, ends: Container[int] = ()) -> set[int]:
        out = set(roots)
        pending = list(out)
        while pending:
            for s in self.tape.nodes[pending.pop()].inputs:
                if s != CONST and s not in out:
                    out.add(s)
                    pending.extend([] if s in ends else [s])
        return out

    @cached_property
    def by_site(self) -> dict[int, list[int]]:
        """Executions of every expression in this step."""
        out: dict[int, list[int]] = defaultdict(list)
        for n in range(self.start, self.view.step.hi):
            out[self.tape.nodes[n].site].append(n)
        return out

    @cached_property
    def stores(self) -> list[Store]:
        return [e for e in self.tape.events if isinstance(e, Store) and e.position <= self.view.step.hi]

    def elsewhere(self, s: int) -> bool:
        """Whether an expression of the forward pass computed this value in another execution."""
        return any(n in self.forward for n in self.by_site.get(self.tape.nodes[s].site, ()))

    def right(self, n: int) -> bool:
        """Whether a backward value is the true adjoint of a forward one, up to a factor."""
        value = np.asarray(self.tape.values[n], dtype=np.float64)
        return any(
            np.size(g) == value.size and factor(value, g if np.shape(g) == value.shape else np.transpose(g)) is not None
            for g in self.adjoints
        )

    @cached_property
    def adjoints(self) -> list[Any]:
        found = self.trial.adjoints
        return [g for g in (found.get(n) for n in sorted(self.computed)) if g is not None and np.any(g)]

    # ---- the same memory, earlier

    def writes_before(self, s: int) -> Iterator[Write]:
        """The writes that made of an array of this step what it is at `s`, last first."""
        while True:
            node = self.tape.nodes[s]
            found = next((e for e in self.writes if e.after == s), None)
            if found is None and node.prim == "overlay":
                through = (e for e in self.writes if e.after == node.inputs[1])
                found = next((Write(e.position, e.site, node.inputs[0], s) for e in through), None)
            if found is None:
                return
            yield found
            s = found.before

    def second_name(self, n: int) -> bool:
        """Whether an array that nothing keeps has two names of the program: what one writes, the other reads."""
        found = [e for e in self.stores if e.node == n]
        return all(e.slot[0] == "name" and len(e.slot) == 3 for e in found) and len({e.name for e in found}) > 1

    @cached_property
    def writes(self) -> list[Write]:
        return [e for e in self.tape.events if isinstance(e, Write) and self.start <= e.position <= self.view.step.hi]

    # ---- the same expression, in another call

    def counterparts(self, s: int) -> Iterator[tuple[Any, int]]:
        """What the pass of the loss has in the place of `s`: how many executions away, and which value.

        The same expression may have made it, or what was made elsewhere entered the same expression.
        """
        yield from ((shift, t) for shift, t in self._executions(s) if t not in self.starts)
        for m in self.consumers.get(s, ())[:_MOST]:
            for shift, other in self._executions(m):
                for i, t in enumerate(self.tape.nodes[other].inputs):
                    if self.tape.nodes[m].inputs[i] == s and t != CONST and t not in self.starts:
                        yield shift, t

    def _executions(self, n: int) -> Iterator[tuple[Any, int]]:
        """Other executions of an expression, in the forward pass."""
        found = self.by_site.get(self.tape.nodes[n].site, [])
        for k, t in enumerate(found[: 4 * _MOST]):
            if t == n or t not in self.forward or len(self.tape.nodes[t].inputs) != len(self.tape.nodes[n].inputs):
                continue
            if not self._applied_again(n, t, found):
                yield (k - found.index(n) if n in found else ("older", k)), t

    def _applied_again(self, n: int, t: int, executions: list[int]) -> bool:
        """Whether an expression is given what it made, where the pass of the loss made that: f(f(z)), no other call."""
        before = (u for u in executions if u < n and u not in self.forward)
        alike = [u for u in before if np.array_equal(self.tape.values[u], self.tape.values[t])]
        return bool(alike) and not self._above([n]).isdisjoint(alike)

    @cached_property
    def consumers(self) -> dict[int, list[int]]:
        """Operations of this step that take a value in."""
        out: dict[int, list[int]] = defaultdict(list)
        for n in range(self.start, self.view.step.hi):
            for s in set(self.tape.nodes[n].inputs):
                out[s].append(n)
        return out

    def foreign(self, pairs: Mapping[int, int]) -> bool:
        """Whether arrays come from another call than the one the loss belongs to, and from the same one."""
        if all(a < self.start or self.overwritten(a, b) for a, b in pairs.items()):
            return True
        if self._of_errors(pairs):
            return False
        outside = all(a not in self.forward for a in pairs)
        several = len({self.tape.nodes[a].site for a in pairs}) > 1
        return outside and (several or not (self._above(list(pairs)[:1]) & self.computed - self._above(self.starts)))

    def _of_errors(self, arrays: Iterable[int]) -> bool:
        """Whether arrays are made from errors that are carried back: no forward pass left them behind."""
        made = (n for n in self._above(list(arrays)) if n >= self.start and n not in self.forward and n in self.masks)
        return any(np.size(self.tape.values[n]) >= _TELLING and self.right(n) for n in islice(made, _MOST * _NEAR))

    def overwritten(self, s: int, t: int) -> bool:
        """Whether an attribute or an item that held `t` was bound to `s` afterwards."""
        held = {e.slot for e in self.stores if e.node == t and _lasts(e)}
        return any(e.slot in held and e.node == s for e in self.stores if e.position > t)

    def kept_at(self, s: int, before: int) -> int | None:
        """Where an array was stored from where a later reader takes it."""
        found = [e for e in self.stores if e.node == s and e.position <= before]
        lasting = [e for e in found if _lasts(e)]
        return lasting[-1].site if lasting else None

    # ---- what was put away for the backward pass

    def taken_out(self, site: int) -> bool:
        """Whether an expression reads a name that its function gets by taking a tuple apart."""
        names = {part.id for part in ast.walk(self.sites[site].node) if isinstance(part, ast.Name)}
        return bool(names & self._unpacked.get(self.sites[site].scope, set()))

    @cached_property
    def _unpacked(self) -> dict[str, set[str]]:
        """Names that each function takes out of tuples."""
        out: dict[str, set[str]] = defaultdict(set)
        for index in range(len(self.sites)):
            site = self.sites[index]
            for statement in (site.statement, site.node):
                target = _taken_apart(statement)
                if isinstance(target, ast.Tuple | ast.List):
                    out[site.scope] |= {x.id for x in ast.walk(target) if isinstance(x, ast.Name)}
        return out

    def put_away(self, s: int) -> tuple[int, set[int]] | None:
        """The expression that puts a tuple with `s` into a container, and what else the tuple holds."""
        names = {e.name: e for e in self.stores if e.node == s and e.slot[0] == "name" and len(e.slot) == 3}
        scopes = {self.sites[e.site].scope for e in names.values()} | {self.sites[self.tape.nodes[s].site].scope}
        for index in range(len(self.sites)):
            site = self.sites[index]
            packed = site.node.args[-1] if isinstance(site.node, ast.Call) and site.node.args else None
            if site.scope in scopes and isinstance(packed, ast.Tuple):
                own = self.sites[self.tape.nodes[s].site].node
                if any(x is own or (isinstance(x, ast.Name) and x.id in names) for x in packed.elts):
                    return index, self._beside(s, site.scope, packed, names)
        return None

    def _beside(self, s: int, scope: str, packed: ast.Tuple, names: Mapping[str, Store]) -> set[int]:
        """What the names in a tuple stand for at the time at which one of them stands for `s`."""
        written = {x.id for x in packed.elts if isinstance(x, ast.Name)}
        own = {n for n in names if n in written}
        held: dict[str, int] = {}
        for e in self.stores:
            if e.name not in written or self.sites[e.site].scope != scope:
                continue
            if e.position > s and e.name in held and (e.name in own or not own) and held[e.name] == s:
                break
            held[e.name] = e.node
        return set(held.values()) - {s}

    def beside(self, forward: int) -> dict[tuple[int, int], int]:
        """Operands and results of the operations next after a value, by expression and place."""
        out: dict[tuple[int, int], int] = {}
        level = {forward}
        for _ in range(_NEAR):
            after = [m for m in sorted(self.computed) if level & set(self.tape.nodes[m].inputs)]
            for m in after:
                for i, s in enumerate(self.tape.nodes[m].inputs):
                    if s != CONST and s not in self.starts and np.ndim(self.tape.values[s]):
                        out.setdefault((self.tape.nodes[m].site, i), s)
            level = set(after)
        return out


def _lasts(event: Store) -> bool:
    """Whether a slot outlives the call that binds it."""
    return event.slot[0] in ("attribute", "item")


def _taken_apart(statement: ast.AST | None) -> ast.AST | None:
    """The names that a statement gives to the parts of a tuple it finds somewhere."""
    if isinstance(statement, ast.For):
        return statement.target
    if isinstance(statement, ast.Assign) and not isinstance(statement.value, ast.Tuple):
        return statement.targets[0]
    return None
