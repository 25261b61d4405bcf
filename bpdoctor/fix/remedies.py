"""What may be done about a finding: files of this package that name rules in `REMEDIES`, with functions that propose.

Proposals are changes of statements, of settings and of the forward pass. They come from the text alone; whether
one cures is found out by running the changed program.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Callable, Iterable
from functools import cache
from itertools import islice

from bpdoctor.fix.text import Text
from bpdoctor.model.record import record
from bpdoctor.model.source import Edit

_MOST = 10


@record
class Change:
    """Edits that belong together, and what they do in a few words."""

    title: str
    edits: tuple[Edit, ...]


@record(eq=False)
class Place:
    """A node in one of the user's files."""

    text: Text
    node: ast.AST


@record(eq=False)
class Update:
    """The statement that changes a parameter, under the parameter's name in the report."""

    name: str
    text: Text
    statement: ast.stmt


@record(eq=False)
class Trouble:
    """A finding as the remedies see it.

    Attributes
    ----------
    rule, message : str
        What was found, and how it was said.
    text, place
        The file that holds the place at fault, and the expression or statement there.
    related : tuple of Place
        The other places that the finding shows.
    updates : tuple of Update
        The updates of all parameters.
    guilty : tuple of Update
        Those of the parameters whose gradients are wrong.
    factors : tuple of float
        Constants that gradients are multiplied by when they are applied.
    facts, others : tuple of str
        The words beside the place and the evidence, and the rules of the other findings.
    """

    rule: str
    message: str
    text: Text
    place: ast.AST
    related: tuple[Place, ...] = ()
    updates: tuple[Update, ...] = ()
    guilty: tuple[Update, ...] = ()
    factors: tuple[float, ...] = ()
    facts: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def statement(self) -> ast.stmt | None:
        """The statement at fault."""
        return self.text.statement(self.place)

    def nearby(self) -> list[ast.stmt]:
        """Statements that the finding shows in the file at fault, the first first."""
        nodes = [self.place, *(p.node for p in self.related if p.text is self.text)]
        return list(dict.fromkeys(s for n in nodes if (s := self.text.statement(n)) is not None))


Propose = Callable[[Trouble], Iterable[Change]]


@record
class Remedy:
    """A way to cure findings of some rules."""

    rules: tuple[str, ...]
    propose: Propose


@cache
def remedies() -> tuple[Remedy, ...]:
    """Every remedy, in the order of their files' names."""
    package = __name__.rpartition(".")[0]
    home = importlib.import_module(package)
    modules = [importlib.import_module(f"{package}.{info.name}") for info in pkgutil.iter_modules(home.__path__)]
    found = [getattr(module, "REMEDIES", ()) for module in modules]
    return tuple(remedy for each in found for remedy in each)


def changes(trouble: Trouble) -> list[Change]:
    """What the remedies for a finding propose, the likeliest first, each once."""
    offered = (c for remedy in remedies() if trouble.rule in remedy.rules for c in remedy.propose(trouble))
    return list(islice({c.edits: c for c in offered if c.edits}.values(), _MOST))
