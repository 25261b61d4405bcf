"""Functions that train: called with data that is made up, they are a program's training loop."""

from __future__ import annotations

import ast
import inspect
import re

from bpdoctor.model.source import Driver
from bpdoctor.probe.examined import Examined
from bpdoctor.probe.module import Module, required, signature_of
from bpdoctor.probe.networks import BUDGET, MOST_DRIVERS, START, TRAIN
from bpdoctor.probe.probe import Space
from bpdoctor.probe.roles import is_guessed, role_of
from bpdoctor.probe.search import Plan, plans, varied
from bpdoctor.probe.shapes import SIZES

_NAMED = re.compile(
    rf"({TRAIN.pattern})|\w*(train|gradient_descent|_fit|_sgd)\w*|(\w*_)?model|nn|network", re.IGNORECASE
)
_COUNT = re.compile(r"m|n|N|M|(n|num|number_of)_?(samples|examples|train|data)|(m|n)_?train|batch_?size", re.IGNORECASE)
_MOST_COUNTS = 3


def find_trainers(module: Module) -> list[str]:
    """Functions named after training that take data together with labels, or nothing: they have data of their own."""
    out = []
    for name, function in module.functions.items():
        signature = signature_of(function)
        if signature is None or not _NAMED.fullmatch(name):
            continue
        roles = [role_of(n) for n in required(signature)]
        if ("labels" in roles and "data" in roles) or (not roles and _trains_alone(module, name)):
            out.append(name)
    return out


def _trains_alone(module: Module, name: str) -> bool:
    """Whether a function that needs no arguments has a loop to train in."""
    statement = module.definition(module.functions[name])
    parts = ast.walk(statement) if statement is not None else ()
    return TRAIN.fullmatch(name) is not None and any(isinstance(n, ast.For | ast.While) for n in parts)


def examine_trainer(module: Module, name: str) -> Examined:
    """Find data on which it runs; the recording engine judges what it then does."""
    function = module.functions[name]
    signature = signature_of(function) or inspect.Signature()
    if not required(signature):
        driver = Driver("\n".join(START), f"{name}()\n")
        return Examined(name, module.line(function), "network", "driven", drivers=(driver,), alone=True)
    counts: dict[str, int] = {}

    def attempt(plan: Plan, space: Space) -> bool:
        for _ in range(_MOST_COUNTS):
            try:
                space.run(f"{name}({plan.call})")
            except NameError as error:
                if not _counted(error, module, counts):
                    return False
            else:
                return True
        return False

    made = plans(signature, module.body(function), name, logic=True, written=module.written)
    drivers = [
        Driver("\n".join((*START, *(f"{n} = {k}" for n, k in counts.items()), plan.setup)), f"{name}({plan.call})\n")
        for plan in varied(made, module.namespace, attempt, most=MOST_DRIVERS, seconds=BUDGET)
    ]
    line = module.line(function)
    if not drivers:
        return Examined(name, line, "network", "unclear", reason="could not make data that it trains on")
    words = {f"_a_{n}": n for n in signature.parameters}
    counts_read = module.body(function).counts
    guessed = tuple(n for n in required(signature) if is_guessed(n) and n not in counts_read)
    return Examined(name, line, "network", "driven", drivers=tuple(drivers), words=words, guessed=guessed)


def _counted(error: NameError, module: Module, counts: dict[str, int]) -> bool:
    """Supply a global that holds the number of samples, which a script takes from data that is not there."""
    missing = error.name or ""
    if missing in module.namespace or not _COUNT.fullmatch(missing):
        return False
    counts[missing] = module.namespace[missing] = SIZES["N"]
    return True
