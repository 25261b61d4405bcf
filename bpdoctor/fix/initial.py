"""Where weights get their first values: drawn at random in the program's own way, at a scale that suits the layer."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import islice

from bpdoctor.fix.rates import longer
from bpdoctor.fix.remedies import Change, Remedy, Trouble
from bpdoctor.fix.settings import scaled
from bpdoctor.fix.text import Text, plain
from bpdoctor.fix.zeros import bindings, last_name, names, numpy_name
from bpdoctor.model.source import Edit

_MADE = frozenset({"zeros", "ones", "full", "empty"})
_DRAWN = frozenset({"normal", "randn", "standard_normal", "uniform", "rand", "random", "gauss", "random_sample"})
_GENERATORS = frozenset({"default_rng", "RandomState", "Random", "Generator"})
_GAIN = re.compile(r"(?:enlarge their inputs|pass on) ([\d.e+-]+) (?:times|of)")
_ERROR = re.compile(r"error at the last hidden layer ([\d.e+-]+) arrives|error grows ([\d.e+-]+) times")
_NORMS = re.compile(r"norms from the last layer to the first: (.*)")


# ---- symmetric


def drawn(trouble: Trouble) -> Iterator[Change]:
    """Random values in place of the equal ones: of all weights that are shown, and of all in the file."""
    text = trouble.text
    shown = [m for s in trouble.nearby() for m in _makers(text, s)]
    written = [s for s in ast.walk(text.tree) if isinstance(s, ast.Assign)]
    everywhere = [m for s in written for m in _makers(text, s)]
    called = {last_name(t) for s in trouble.nearby() for t in _targets(s)}
    named = [m for s in written if called & {last_name(t) for t in _targets(s)} for m in _makers(text, s)]
    ways = [shown, shown[:1], everywhere] if shown else [named, everywhere]
    for makers in ways:
        for spread in ("", "0.5 * "):
            edits = [_random(text, m, spread) for m in dict.fromkeys(makers)]
            if edits and all(e is not None for e in edits):
                made = edits[0].replacement  # type: ignore[union-attr]
                yield Change(f"write `{made}`", tuple(e for e in edits if e is not None))


def _targets(statement: ast.stmt) -> list[ast.expr]:
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    return [t for target in targets for t in (target.elts if isinstance(target, ast.Tuple) else [target])]


def _makers(text: Text, statement: ast.stmt) -> Iterator[ast.expr]:
    """Calls that make a matrix of equal entries, and lists of equal numbers."""
    value = getattr(statement, "value", None)
    for node in ast.walk(value) if value is not None else ():
        if isinstance(node, ast.Call) and last_name(node.func) in _MADE and len(_shape(node)) > 1:
            if not (_called(text, node).lower().startswith("b") and "1" in map(text.source, _shape(node))):
                yield node
        elif isinstance(node, ast.ListComp) and isinstance(node.elt, ast.Constant):
            yield node.elt
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and _one_number(node.left):
            yield node


def _one_number(node: ast.expr) -> bool:
    return isinstance(node, ast.List) and len(node.elts) == 1 and isinstance(node.elts[0], ast.Constant)


def _called(text: Text, maker: ast.expr) -> str:
    """What the array is called that is made here."""
    holder = text.parents.get(maker)
    if isinstance(holder, ast.keyword):
        return holder.arg or ""
    if isinstance(holder, ast.Dict):
        key = holder.keys[holder.values.index(maker)]
        return str(key.value) if isinstance(key, ast.Constant) else ""
    statement = text.statement(maker)
    targets = _targets(statement) if statement is not None else []
    return last_name(targets[0]) if len(targets) == 1 else ""


def _shape(call: ast.Call) -> list[ast.expr]:
    shape = next((k.value for k in call.keywords if k.arg in ("shape", "size")), call.args[0] if call.args else None)
    return list(shape.elts) if isinstance(shape, ast.Tuple | ast.List) else []


def _random(text: Text, maker: ast.expr, spread: str) -> Edit | None:
    generator = _generator(text, maker)
    if isinstance(maker, ast.Constant):
        own = generator if generator and not generator.startswith(numpy_name(text) or "?") else _module(text, "random")
        return text.replaced(maker, f"{own}.uniform(-1, 1)") if own else None
    if isinstance(maker, ast.BinOp):
        own = generator if generator and not generator.startswith(numpy_name(text) or "?") else _module(text, "random")
        line = f"[{own}.uniform(-1, 1) for _ in range({text.source(maker.right)})]"
        return text.replaced(maker, line) if own else None
    assert isinstance(maker, ast.Call)
    sizes = [text.source(e) for e in _shape(maker)]
    numpy = numpy_name(text)
    if not numpy:
        return None
    if generator:
        values = f"{generator}.normal(size=({', '.join(sizes)}))"
    else:
        values = f"{numpy}.random.randn({', '.join(sizes)})"
    factor = isinstance(text.parents.get(maker), ast.BinOp)
    if factor:
        return text.replaced(maker, values)
    inputs = sizes[0 if _right(text, maker) else -1]
    return text.replaced(maker, f"{spread}{values}" if spread else f"{values} / {numpy}.sqrt({inputs})")


def _generator(text: Text, place: ast.AST) -> str:
    """A random generator that can be used at a place, by the name that it has there."""
    home = text.function(place)
    calls = [
        node
        for node in ast.walk(text.tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and last_name(node.value.func) in _GENERATORS
    ]
    near = sorted(calls, key=lambda node: text.function(node) is not home)
    made = [
        name
        for node in near
        for target in node.targets
        for name in names(text, target)
        if text.function(node) in (text.tree, home) or name.startswith("self.")
    ]
    arguments = [a.arg for a in home.args.args] if isinstance(home, ast.FunctionDef) else []
    line = getattr(place, "lineno", 0)
    used = {
        text.source(n.func.value)
        for n in ast.walk(home)
        if isinstance(n, ast.Call)
        and isinstance(n.func, ast.Attribute)
        and n.func.attr in _DRAWN
        and plain(n.func.value)
    }
    for name in made:
        first = min((b.lineno for b in bindings(text, name)), default=0)
        if name in arguments or home is not text.tree or first < line:
            return name
    return next((name for name in arguments if name in used or name in ("rng", "rnd", "random_state")), "")


def _module(text: Text, name: str) -> str:
    found = (
        a.asname or a.name for n in ast.walk(text.tree) if isinstance(n, ast.Import) for a in n.names if a.name == name
    )
    return next(found, "")


def _right(text: Text, maker: ast.expr) -> bool:
    """Whether these weights stand on the right of products: then their rows belong to the inputs."""
    statement = text.statement(maker)
    own = {last_name(t) for t in _targets(statement)} if statement is not None else set()
    for node in ast.walk(text.tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            if last_name(node.right) in own:
                return True
            if last_name(node.left) in own:
                return False
        elif isinstance(node, ast.Call) and last_name(node.func) in ("dot", "matmul") and node.args:
            if last_name(node.args[-1]) in own:
                return True
            if last_name(node.args[0]) in own or (
                isinstance(node.func, ast.Attribute) and last_name(node.func.value) in own
            ):
                return False
    return True


# ---- too large or too small


def respread(trouble: Trouble) -> Iterator[Change]:
    """The factor or the limits of the draw changed by what was seen, or the draw divided by the root of its inputs."""
    text = trouble.text
    found = _GAIN.search(trouble.message)
    factor = 1 / float(found[1]) if found else 0.1
    for statement in trouble.nearby()[:1]:
        for call in _draws(text, statement):
            for constants in _spreads(text, call):
                edits = tuple(text.replaced(c, scaled(c.value, factor)) for c in constants)  # type: ignore[arg-type]
                yield Change(f"write `{edits[0].replacement}` in place of `{text.source(constants[0])}`", edits)
            sizes = [text.source(e) for e in (_shape(call) or call.args)]
            numpy = numpy_name(text)
            if sizes and numpy:
                inputs = sizes[0 if _right(text, call) else -1]
                line = f"{text.source(call)} / {numpy}.sqrt({inputs})"
                yield Change(f"write `{line}`", (text.replaced(call, line),))
            yield Change(
                f"scale it by {scaled(1, factor)}", (text.replaced(call, f"{scaled(1, factor)} * {text.source(call)}"),)
            )


def _draws(text: Text, statement: ast.AST) -> Iterator[ast.Call]:
    """Draws in a statement, and in the functions of this file that it calls."""
    calls = [n for n in ast.walk(statement) if isinstance(n, ast.Call)]
    yield from (c for c in calls if last_name(c.func) in _DRAWN)
    called = {last_name(c.func) for c in calls}
    for home in ast.walk(text.tree):
        if isinstance(home, ast.FunctionDef) and home.name in called:
            yield from (n for n in ast.walk(home) if isinstance(n, ast.Call) and last_name(n.func) in _DRAWN)


def of_all_layers(trouble: Trouble) -> Iterator[Change]:
    """All weights drawn so much wider or narrower as each layer loses or adds; the steps as before, then longer."""
    text = trouble.text
    norms = next((m[1].count(",") for fact in trouble.facts if (m := _NORMS.search(fact))), 0)
    seen = _ERROR.search(trouble.message)
    if seen is None or not norms:
        return
    each = float(seen[1] or seen[2]) ** (-1 / norms)
    draws = [c for c in ast.walk(text.tree) if isinstance(c, ast.Call) and last_name(c.func) in _DRAWN]
    matrices = [c for c in draws if len(_shape(c) or c.args) > 1]
    edits = tuple(_respread(text, c, each) for c in matrices)
    if edits:
        title = f"draw the weights {'wider' if each > 1 else 'narrower'}: `{edits[-1].replacement}`"
        if each < 1:
            for change in islice(longer(trouble), 1):
                yield Change(f"{title}, and {change.title}", (*edits, *change.edits))
        yield Change(title, edits)


def _respread(text: Text, call: ast.Call, factor: float) -> Edit:
    for constants in _spreads(text, call):
        if len(constants) == 1:
            return text.replaced(constants[0], scaled(constants[0].value, factor))  # type: ignore[arg-type]
    return text.replaced(call, f"{scaled(1, factor)} * {text.source(call)}")


def _spreads(text: Text, call: ast.Call) -> Iterator[list[ast.Constant]]:
    """Constants that a draw is multiplied by, and those that say how wide it is."""
    node: ast.AST = call
    for holder in text.around(call):
        if not isinstance(holder, ast.BinOp | ast.UnaryOp):
            break
        if isinstance(holder, ast.BinOp) and isinstance(holder.op, ast.Mult):
            other = holder.right if holder.left is node else holder.left
            if isinstance(other, ast.Constant) and isinstance(other.value, int | float):
                yield [other]
        node = holder
    named = [k.value for k in call.keywords if k.arg in ("scale", "low", "high", "sigma")]
    given = call.args[:2] if last_name(call.func) in ("normal", "uniform", "gauss") else []
    wide = [c.operand if isinstance(c, ast.UnaryOp) else c for c in (*given, *named)]
    constants = [c for c in wide if isinstance(c, ast.Constant) and isinstance(c.value, int | float) and c.value]
    if constants:
        yield constants


REMEDIES = (
    Remedy(("symmetric-initialisation",), drawn),
    Remedy(("initialisation-scale", "saturation"), respread),
    Remedy(("vanishing-gradient", "exploding-gradient"), of_all_layers),
)
