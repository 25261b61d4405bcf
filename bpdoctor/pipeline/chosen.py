"""What the user names instead of what would be identified: the loss, the parameters, the step."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterable, Sequence

import numpy as np

from bpdoctor.identify.dependence import PARAMETERS, POST
from bpdoctor.measure.view import Changes, View
from bpdoctor.model.tape import Store
from bpdoctor.observe.expressions import Named
from bpdoctor.observe.sites import Site, Sites, SourceFile
from bpdoctor.pipeline.naming import family_names, target_text
from bpdoctor.pipeline.options import Options


class Chosen:
    """The names given with ``--loss``, ``--params`` and ``--step``, found again in one run."""

    def __init__(self, options: Options, sites: Sites) -> None:
        self.loss = options.loss.strip().removesuffix("()")
        self.parameters = options.params
        self.step = options.step.strip().removesuffix("()")
        self.lines = frozenset(options.done)
        self.sites = sites
        self.left_out: list[str] = []
        self.unmatched: list[str] = []
        self.loss_found = False

    @property
    def named(self) -> Named:
        """The functions that the observer marks."""
        return Named(_last(self.step), _last(self.loss))

    def steps(self) -> frozenset[int]:
        """Sites of the function that makes a step, or of the loop at the line that was given."""
        if not self.step:
            return frozenset()
        every = (self.sites[i] for i in range(len(self.sites)))
        return frozenset(s.index for s in every if self._is_step(s))

    def done(self) -> frozenset[int]:
        """Sites of the updates that were examined before; their lines are those of the file that was asked for."""
        every = [self.sites[i] for i in range(len(self.sites))] if self.lines else []
        return frozenset(s.index for s in every if s.line in self.lines and s.source is every[0].source)

    def _is_step(self, site: Site) -> bool:
        if isinstance(site.node, ast.For | ast.While):
            return self.step == str(site.line)
        return isinstance(site.node, ast.FunctionDef) and site.node.name == _last(self.step)

    # ---- the loss

    def loss_node(self, view: View) -> int | None:
        """The last value that the name held in this step and that depends on the parameters."""
        step, tape = view.step, view.tape
        held = [e.node for e in tape.events if isinstance(e, Store) and self._is_loss(e)]
        usable = [n for n in held if step.lo <= n < step.hi and n in view.keys and self._depends(view, n)]
        self.loss_found = self.loss_found or bool(usable)
        return usable[-1] if usable else None

    def _is_loss(self, event: Store) -> bool:
        spelled = target_text(self.sites, event.site)
        return self.loss in (event.name, spelled) or (self.loss == _last(self.loss) == _last(spelled))

    @staticmethod
    def _depends(view: View, node: int) -> bool:
        mask = view.masks.get(node, 0)
        return bool(mask & PARAMETERS) and not mask & POST and np.asarray(view.tape.values[node]).dtype.kind == "f"

    # ---- the parameters

    def restrict(self, views: Sequence[View]) -> None:
        """Leave only the parameters that are named; the others stay part of the network."""
        if not self.parameters or not views:
            return
        families = views[0].families
        names = family_names(views[0], self.sites)
        kept = [f for f, n in zip(families, names, strict=True) if any(_matches(n, p) for p in self.parameters)]
        self.left_out = [n for f, n in zip(families, names, strict=True) if f not in kept]
        self.unmatched = [p for p in self.parameters if not any(_matches(n, p) for n in names)]
        places = {(f.site, f.ordinal) for f in kept}
        for view in views:
            view.families = [f for f in view.families if (f.site, f.ordinal) in places]
            view.changes = Changes(view.families)

    # ---- what is said of it

    def unknown(self, files: Iterable[SourceFile]) -> str:
        """Why a name cannot be used, when the program does not have it."""
        if not (self.loss or self.parameters or self.step):
            return ""
        bound, functions, loops = _names(files)
        asked = [("--loss", self.loss, bound | functions, "variable or function")]
        asked += [("--params", name, bound, "variable") for name in self.parameters]
        asked += [("--step", self.step, functions | loops, "function (and no loop begins at a line of that number)")]
        for option, name, known, what in asked:
            if name and _last(name) not in known:
                close = difflib.get_close_matches(_last(name), sorted(known), n=1)
                hint = f"; did you mean `{close[0]}`?" if close else ""
                return f"{option}: the program has no {what} called `{name}`{hint}"
        return ""

    def unusable(self, views: Sequence[View]) -> str:
        """Why a name that the program has does not do as what it was given for."""
        if self.step and not views:
            return f"--step: nothing is trained within `{self.step}`"
        if self.parameters and views and not views[0].families:
            trained = ", ".join(f"`{n}`" for n in self.left_out[:6])
            return f"--params: {_quoted(self.unmatched)} is not updated in the training step; updated are {trained}"
        if self.loss and views and not self.loss_found:
            return f"--loss: `{self.loss}` is no number that a recorded training step computes from its parameters"
        return ""

    def stated(self) -> list[str]:
        """What was taken from the user."""
        out = []
        if self.loss:
            out.append(f"the loss is `{self.loss}`, as asked with --loss")
        if self.step:
            what = f"the loop of line {self.step}" if self.step.isdigit() else f"a call of `{self.step}`"
            out.append(f"a training step is {what}, as asked with --step")
        if self.parameters:
            rest = f"; left out: {_quoted(self.left_out)}" if self.left_out else ""
            out.append(f"the parameters are {_quoted(self.parameters)}, as asked with --params{rest}")
        if self.unmatched:
            out.append(f"--params: {_quoted(self.unmatched)} is not updated in the training step")
        return out


def _names(files: Iterable[SourceFile]) -> tuple[set[str], set[str], set[str]]:
    """Names of variables and attributes, of functions, and lines of loops."""
    bound: set[str] = set()
    functions: set[str] = set()
    loops: set[str] = set()
    for file in files:
        for node in ast.walk(ast.parse(file.text)):
            if isinstance(node, ast.Name):
                bound.add(node.id)
            elif isinstance(node, ast.Attribute):
                bound.add(node.attr)
            elif isinstance(node, ast.arg):
                bound.add(node.arg)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
                bound.add(node.value)
            elif isinstance(node, ast.FunctionDef):
                functions.add(node.name)
            elif isinstance(node, ast.For | ast.While):
                loops.add(str(node.lineno))
    return bound, functions, loops


def _matches(text: str, name: str) -> bool:
    """Whether `name` is what a parameter is called, or a name in what it is called (``W`` in ``self.W[0]``)."""
    return text == name or text.partition(" #")[0] == name or name in re.findall(r"\w+", text)


def _last(name: str) -> str:
    """``net.layers[0].W`` ends in ``W``."""
    words = re.findall(r"\w+", name.partition("[")[0])
    return words[-1] if words else name


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"`{n}`" for n in names)
