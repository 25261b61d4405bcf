"""Networks as classes that nobody trains here: build one, give it data, and let it train on the record."""

from __future__ import annotations

import ast
import inspect
import re
import time
from collections.abc import Iterator, Mapping
from itertools import chain

import numpy as np

from bpdoctor.model.record import record
from bpdoctor.model.source import Driver
from bpdoctor.probe.attributes import arrays
from bpdoctor.probe.examined import Examined
from bpdoctor.probe.gathered import alone, descent, whole_methods
from bpdoctor.probe.layers import BACKWARD, FORWARD, constructions
from bpdoctor.probe.module import Module, signature_of
from bpdoctor.probe.probe import RATE, Space
from bpdoctor.probe.roles import is_cache, is_cotangent, is_setting, role_of, squeezed
from bpdoctor.probe.search import Plan, plans, varied

TRAIN = re.compile(
    r"_?(fit|train(ing)?|learn|sgd|gradient_descent|optimi[sz]e|treinar|treino|entrenar|train_?(step|one\w*|on_?batch|batch|model|"
    r"network|sgd|bgd|epoch)|fit_\w+|run|update_mini_batch|train_\w+)",
    re.IGNORECASE,
)
_BACK = re.compile(rf"{BACKWARD.pattern}|_?back\w*|train_step|_?compute_gradients?", re.IGNORECASE)
_UPDATE = re.compile(
    r"_?(update\w*|step|apply_\w+|optimi[sz]e\w*|gradient_descent|adjust\w*|set_\w*weights|modify\w*|sgd_?\w*)",
    re.IGNORECASE,
)
_OBJECT = "_net"
_STEPS = 12
BUDGET = 5.0
MOST_DRIVERS = 4
START = ("import numpy as _np", "_rng = _np.random.default_rng(1)", "_np.random.seed(1)", f"_rate = {RATE}")


@record
class Network:
    """A class, and the methods by which it may be trained."""

    name: str
    owner: type
    train: tuple[str, ...]
    forward: tuple[str, ...]
    backward: tuple[str, ...]
    update: tuple[str, ...]
    whole: tuple[str, ...] = ()


def find_networks(module: Module) -> list[Network]:
    """Classes with a training method, or with a backward method that compares with labels or comes with an update."""
    out = []
    for name, owner in module.classes.items():
        methods = [n for n, m in _methods(owner).items() if inspect.isfunction(m)]
        train = tuple(sorted((n for n in methods if TRAIN.fullmatch(n)), key=_order))
        fore = tuple(n for n in methods if FORWARD.fullmatch(n) or n.startswith(("forward", "feed", "predict")))
        back = tuple(n for n in methods if _BACK.fullmatch(n))
        update = tuple(n for n in methods if _UPDATE.fullmatch(n))
        whole = tuple(whole_methods(owner, methods)) if fore else ()
        if train or whole or (fore and back and (update or any(_labelled(owner, n) for n in back))):
            out.append(Network(name, owner, train, fore, back, update, whole))
    return out


def _methods(owner: type) -> dict[str, object]:
    out: dict[str, object] = {}
    for c in reversed(owner.__mro__[:-1]):
        out.update(vars(c))
    return out


def _order(name: str) -> tuple[bool, str]:
    return name.lower() not in ("fit", "train"), name


def _labelled(owner: type, name: str) -> bool:
    signature = signature_of(getattr(owner, name), method=True)
    return signature is not None and any(role_of(n) == "labels" for n in signature.parameters)


def examine_network(module: Module, network: Network) -> Examined:
    """Find a way to train it; the recording engine judges what it then does."""
    drivers: list[Driver] = []
    end = time.process_time() + BUDGET
    line = _line(module, network)
    for build in constructions(module, network.owner, network.name, False):
        made = f"{_OBJECT} = {network.name}({build.call})"
        start = "\n".join(s for s in (build.setup, made) if s)
        ways = (_trained, _chained, _whole)
        for setup, rows in chain.from_iterable(way(module, network, start, end) for way in ways):
            if setup is not None:
                # Made on the record: where the parameters begin is known then, as it is in a user's own script.
                drivers.append(Driver("\n".join((*START, setup, build.setup)), f"{made}\n{rows}"))
            if len(drivers) >= MOST_DRIVERS:
                break
        if drivers or time.process_time() > end:
            break
    if not drivers:
        return Examined(network.name, line, "network", "unclear", reason="could not make data that it trains on")
    words = {_OBJECT: network.name, "_a_X": "X"}
    return Examined(network.name, line, "network", "driven", drivers=tuple(drivers), words=words)


def _line(module: Module, network: Network) -> int:
    tree = module.trees.get(module.path)
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.ClassDef) and node.name == network.name:
            return node.lineno
    return 1


def _trained(module: Module, network: Network, start: str, end: float) -> Iterator[tuple[str, str]]:
    """One call of a training method, or many when it makes a single step."""
    for name in network.train:
        function = getattr(network.owner, name)
        signature = signature_of(function, method=True)
        if signature is None:
            continue
        body = module.body(function)
        bare: set[str] = set()

        def attempt(plan: Plan, space: Space, name: str = name, bare: set[str] = bare) -> bool:
            space.run(start)
            if all(np.size(v) < 2 for _, v in arrays(space.value(_OBJECT), _OBJECT)):
                bare.add(plan.setup)
            return _moves(space, start, f"{_OBJECT}.{name}({plan.call})", making=True)

        for plan in varied(
            plans(signature, body, network.name, logic=True, written=module.written),
            module.namespace,
            attempt,
            most=MOST_DRIVERS,
            seconds=end - time.process_time(),
        ):
            call = f"{_OBJECT}.{name}({plan.call})"
            node = module.definition(function)
            loops = node is not None and any(isinstance(n, ast.For | ast.While) for n in ast.walk(node))
            # A single call that loops over layers only is a single step as well.
            many = [n for n in signature.parameters if role_of(n) == "epochs"]
            # What makes its weights anew in each call is called once.
            rows = (
                f"{call}\n"
                if loops and (many or plan.setup in bare)
                else f"for _step in range({_STEPS}):\n    {call}\n"
            )
            yield plan.setup, rows


def _moves(space: Space, start: str, rows: str, *, making: bool = False) -> bool:
    """Whether running this changes arrays of the object, or makes them where it may, and leaves them finite."""
    space.run(start)
    before = {p: np.array(v) for p, v in arrays(space.value(_OBJECT), _OBJECT)}
    space.run(rows)
    after = dict(arrays(space.value(_OBJECT), _OBJECT))
    moved = [p for p, v in before.items() if p in after and np.shape(after[p]) == v.shape and (after[p] != v).any()]
    if making and not moved:
        moved = [p for p, v in after.items() if p not in before and np.asarray(v).dtype.kind == "f"]
    return bool(moved) and all(np.isfinite(after[p]).all() for p in moved)


def _chained(module: Module, network: Network, start: str, end: float) -> Iterator[tuple[str, str]]:
    """Forward, backward and update called in turn, arguments bound by name."""
    for fore in network.forward:
        for back in network.backward:
            for update in (*network.update, ""):
                if len({fore, back, update}) < (3 if update else 2) or module.calls(getattr(network.owner, back), fore):
                    continue
                yield from _chain(module, network, start, (fore, back, update), end)


def _whole(module: Module, network: Network, start: str, end: float) -> Iterator[tuple[str, str]]:
    """Methods that return a loss with its gradients, or the gradients."""
    for name in network.whole:
        seconds = end - time.process_time()
        for setup, rows in alone(module, network.owner, name, start, _OBJECT, MOST_DRIVERS, seconds):
            yield setup, _repeated(rows)


def _repeated(rows: str) -> str:
    inner = "\n".join(f"    {r}" for r in rows.splitlines())
    return f"for _step in range({_STEPS}):\n{inner}\n"


def _chain(
    module: Module, network: Network, start: str, names: tuple[str, str, str], end: float
) -> Iterator[tuple[str, str]]:
    fore, back, update = names
    taking = signature_of(getattr(network.owner, fore), method=True)
    if taking is None:
        return
    wanted = [p for n in (back, update) if n for p in _signature(network, n).parameters.values()]
    extra = [
        p.replace(default=p.empty) for p in wanted if role_of(p.name) == "labels" and p.name not in taking.parameters
    ]
    joint = taking.replace(parameters=_unique([*taking.parameters.values(), *extra]))
    body = module.body(getattr(network.owner, fore))

    def rows_of(plan: Plan) -> str | None:
        return _rows(module, network, names, plan)

    steps: dict[str, str] = {}
    back_body = module.body(getattr(network.owner, back))

    def attempt(plan: Plan, space: Space) -> bool:
        rows = rows_of(plan)
        if rows is None:
            return False
        space.run(start)
        before = {p: np.array(v) for p, v in arrays(space.value(_OBJECT), _OBJECT)}
        moving = _moves(space, start, rows)
        if not update:
            steps[plan.setup] = descent(space, before, _OBJECT, back_body)
        return moving or bool(steps.get(plan.setup))

    seconds = end - time.process_time()
    offered = plans(joint, body, network.name, logic=True)
    for plan in varied(offered, module.namespace, attempt, most=MOST_DRIVERS, seconds=seconds):
        rows = rows_of(plan)
        if rows is not None:
            yield plan.setup, _repeated("\n".join(filter(None, (rows, steps.get(plan.setup, "")))))


def _unique(parameters: list[inspect.Parameter]) -> list[inspect.Parameter]:
    kept = {p.name: p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.POSITIONAL_ONLY)}
    given = [p.replace(kind=p.POSITIONAL_OR_KEYWORD) for p in kept.values() if p.default is p.empty]
    return given + [p for p in kept.values() if p.default is not p.empty]


def _signature(network: Network, name: str) -> inspect.Signature:
    return signature_of(getattr(network.owner, name), method=True) or inspect.Signature()


def _rows(module: Module, network: Network, names: tuple[str, str, str], plan: Plan) -> str | None:
    fore, back, update = names
    pool = {squeezed(a.name): f"_a_{a.name}" for a in plan.arguments}
    taking = _signature(network, fore)
    call = ", ".join(f"_a_{n}" for n in taking.parameters if f"_a_{n}" in pool.values())
    rows = [f"_out = {_OBJECT}.{fore}({call})"]
    _learn(module, network, fore, "_out", pool)
    for name, result in ((back, "_back"), (update, "_done")):
        if not name:
            continue
        given = _given(_signature(network, name), pool, result)
        if given is None:
            return None
        rows.append(f"{result} = {_OBJECT}.{name}({given})")
        _learn(module, network, name, result, pool)
    return "\n".join(rows)


def _learn(module: Module, network: Network, name: str, result: str, pool: dict[str, str]) -> None:
    returned = module.body(getattr(network.owner, name)).returned
    if len(returned) > 1:
        pool.update({squeezed(n): f"{result}[{i}]" for i, n in enumerate(returned) if n})
        pool.setdefault("", f"{result}[0]")
    elif returned:
        pool[squeezed(returned[0]) or result] = result
    pool[result] = result


def _given(signature: inspect.Signature, pool: Mapping[str, str], result: str) -> str | None:
    out = []
    for p in signature.parameters.values():
        if p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL):
            continue
        text = _text(p.name, pool, result)
        if text is None:
            if p.default is p.empty:
                return None
            continue
        out.append(f"{p.name}={text}")
    return ", ".join(out)


def _text(name: str, pool: Mapping[str, str], result: str) -> str | None:
    if squeezed(name) in pool:
        return pool[squeezed(name)]
    role = role_of(name)
    labels = [t for k, t in pool.items() if t.startswith("_a_") and role_of(k) == "labels"]
    if role == "rate":
        return "_rate"
    if role == "labels" and labels:
        return labels[0]
    if role == "prediction" and "_out" in pool:
        return pool.get("", "_out")
    if is_cache(name):
        return "_out[-1]" if "" in pool else "_out"
    if result == "_done" and (is_cotangent(name) or "grad" in name.lower()):
        return "_back"
    if is_setting(role) or result == "_done":
        return None
    inputs = [t for t in pool.values() if t.startswith("_a_") and t not in labels]
    return inputs[0] if inputs and role == "data" else None
