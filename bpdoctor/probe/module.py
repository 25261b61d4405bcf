"""The module under examination: its namespace, its text, what in it is its own."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import FunctionType
from typing import Any

from bpdoctor.probe.body import Body, Definitions, definition, definitions_of, ranks_in, read
from bpdoctor.probe.compared import aliases_of, compared
from bpdoctor.probe.probe import Namespace
from bpdoctor.probe.shapes import written_sizes
from bpdoctor.probe.sizes import Callee, sizes_in

_SLOPES = ("backward", "derivative", "gradient", "prime", "grad", "deriv", "backprop")


@dataclass
class Module:
    """A module that was run; `trees` are the syntax trees of its files by path."""

    namespace: Namespace
    trees: Mapping[str, ast.AST]
    path: str
    bodies: dict[int, Body] = field(default_factory=dict)

    @cached_property
    def definitions(self) -> Definitions:
        """Where functions are defined."""
        return definitions_of(self.trees)

    @cached_property
    def functions(self) -> dict[str, FunctionType]:
        """Functions defined at the top of the file, in its order."""
        return {n: f for n, f in self._own() if isinstance(f, FunctionType)}

    @cached_property
    def classes(self) -> dict[str, type]:
        """Classes defined at the top of the file, in its order."""
        return {n: c for n, c in self._own() if isinstance(c, type)}

    def _own(self) -> list[tuple[str, Any]]:
        tree = self.trees.get(self.path)
        names = [n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)] if tree else []
        return [(n, self.namespace[n]) for n in dict.fromkeys(names) if n in self.namespace]

    def definition(self, function: Callable[..., Any]) -> ast.FunctionDef | None:
        """The ``def`` statement of a function."""
        return definition(function, self.definitions)

    def calls(self, method: Callable[..., Any], other: str) -> bool:
        """Whether a method calls another one of its object."""
        node = self.definition(method)
        calls = (n.func for n in ast.walk(node) if isinstance(n, ast.Call)) if node is not None else ()
        return any(ast.unparse(f) == f"self.{other}" for f in calls)

    def body(self, function: Callable[..., Any]) -> Body:
        """What the text of a function says, and what the functions say that it passes its arguments to."""
        if id(function) not in self.bodies:
            self.bodies[id(function)] = self._read(function)
        return self.bodies[id(function)]

    def _read(self, function: Callable[..., Any]) -> Body:
        body = read(self.definition(function))
        body.objects = [*self.activations(), *self.functions]
        for name, position, callee in body.passed:
            other = self.functions.get(callee)
            if other is None or other is function:
                continue
            inner = read(self.definition(other))
            parameters = list(inspect.signature(other).parameters)
            own = parameters[position] if position < len(parameters) else ""
            if own in inner.keys:
                body.keys[name] = list(dict.fromkeys([*body.keys.get(name, ()), *inner.keys[own]]))
            if own in inner.indices:
                body.indices.add(name)
            if own in inner.words:
                body.words.setdefault(name, inner.words[own])
        return body

    def making(self, owner: type) -> Body:
        """What the text of a class says about its constructor's arguments, wherever it keeps and compares them."""
        init = inspect.getattr_static(owner, "__init__")
        node = self.definition(init) if inspect.isfunction(init) else None
        if node is None:
            return Body()
        body = self.body(init)
        own = _parameters(node)
        kept = aliases_of(node, own)
        words, ranks = dict(body.words), dict(body.ranks)
        sizes = sizes_in(node, own, kept, self._called)
        methods = (m for c in owner.__mro__[:-1] for m in vars(c).values() if inspect.isfunction(m))
        for other in (d for m in methods if (d := self.definition(m)) is not None and d is not node):
            aliases = aliases_of(other, (), kept)
            for name, found in compared(other, (), aliases).items():
                words[name] = list(dict.fromkeys([*words.get(name, ()), *found]))
            for name, several in sizes_in(other, (), aliases, self._called).items():
                sizes[name] = max(sizes.get(name, 0), several)
            ranks |= ranks_in(other, aliases)
        return replace(body, words=words, ranks=ranks, sizes={n: sizes[n] for n in own if n in sizes})

    def _called(self, name: str) -> Callee | None:
        """What is called by a name of the file: a function, or the constructor of a class."""
        owner = self.classes.get(name)
        function = inspect.getattr_static(owner, "__init__") if owner is not None else self.functions.get(name)
        node = self.definition(function) if inspect.isfunction(function) else None
        return (node, _parameters(node)[owner is not None :]) if node is not None else None

    @cached_property
    def written(self) -> list[Mapping[str, int]]:
        """Sizes as they stand in calls that make arrays, ``np.random.randn(10, 784)``, and in lists of layers."""
        tree = self.trees.get(self.path)
        numbers = []
        for node in ast.walk(tree) if tree is not None else ():
            if isinstance(node, ast.Call | ast.List | ast.Tuple):
                held = node.args if isinstance(node, ast.Call) else node.elts
                numbers += [n.value for n in held if isinstance(n, ast.Constant) and type(n.value) is int]
        return written_sizes(numbers)

    def activations(self) -> list[str]:
        """Texts that make an object with a derivative, of every class in sight that wants no arguments."""
        out = []
        for name, owner in self.namespace.items():
            if isinstance(owner, type) and owner.__module__ != "builtins" and any(hasattr(owner, m) for m in _SLOPES):
                signature = constructor_of(owner)
                if signature is None or not required(signature):
                    out.append(f"{name}()")
        return out

    def line(self, function: Callable[..., Any]) -> int:
        """Line of the ``def``."""
        node = self.definition(function)
        return node.lineno if node is not None else 1


def _parameters(node: ast.FunctionDef) -> list[str]:
    return [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]


def signature_of(function: Callable[..., Any], *, method: bool = False) -> inspect.Signature | None:
    """Signature of a function, or of a method without its first argument."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return None
    if not method:
        return signature
    return signature.replace(parameters=list(signature.parameters.values())[1:])


def constructor_of(owner: type) -> inspect.Signature | None:
    """Signature of a class's own constructor; None when it has none."""
    init = inspect.getattr_static(owner, "__init__")
    return signature_of(init, method=True) if inspect.isfunction(init) else None


def required(signature: inspect.Signature) -> list[str]:
    """Names of the arguments without default."""
    return [
        p.name
        for p in signature.parameters.values()
        if p.default is p.empty and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
    ]
