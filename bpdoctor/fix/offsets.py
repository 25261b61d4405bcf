"""A layer without a bias: one made beside its weights, added to its sum, and trained with its own gradient."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpdoctor.fix.products import Product, products_in
from bpdoctor.fix.remedies import Change, Remedy, Trouble, Update
from bpdoctor.fix.text import Text, plain, target_of
from bpdoctor.fix.zeros import bindings, last_name, numpy_name


def with_bias(trouble: Trouble) -> Iterator[Change]:
    """Weights that a product of the statement reads, with a bias of as many entries as they have columns."""
    text, statement = trouble.text, trouble.statement
    if statement is None or not numpy_name(text):
        return
    read = [n.id for n in ast.walk(statement) if isinstance(n, ast.Name)]
    made = [b for name in read for b in bindings(text, name, text.function(statement))]
    found = [p for place in dict.fromkeys([statement, *made]) for p in products_in(place) if plain(p.weights)]
    for product in found:
        for update in trouble.updates:
            target = target_of(update.statement)
            if update.text is text and target is not None and last_name(target) == last_name(product.weights):
                yield from _biased(text, product, update)


def _biased(text: Text, product: Product, update: Update) -> Iterator[Change]:
    weights, step = text.source(product.weights), update.statement
    target = target_of(step)
    made = [b for b in bindings(text, weights) if not text.loops(b)]
    if not isinstance(step, ast.AugAssign) or not made or target is None:
        return
    value = step.value
    gradient = next(products_in(value), None)
    if gradient is None:
        return
    factor = gradient.inputs.left if isinstance(gradient.inputs, ast.BinOp) else None
    rate = f"{text.source(factor)} * " if factor is not None else ""
    change = text.source(value).replace(
        text.source(gradient.node), f"{rate}{text.source(gradient.weights)}.sum(axis=0)"
    )
    sign = "-=" if isinstance(step.op, ast.Sub) else "+="
    first = f"{weights}_bias = {numpy_name(text)}.zeros({weights}.shape[1])"
    same = [p.node for p in products_in(text.tree) if text.source(p.node) == text.source(product.node)]
    edits = [text.replaced(node, f"({text.source(node)} + {weights}_bias)") for node in same]
    edits += [text.after(made[-1], first), text.after(step, f"{text.source(target)}_bias {sign} {change}")]
    yield Change(f"add a bias to `{text.source(product.node)}`", tuple(edits))


REMEDIES = (Remedy(("missing-bias",), with_bias),)
