"""Write a first assignment file from a reference solution: its functions, and guesses to be completed."""

from __future__ import annotations

import ast
from pathlib import Path

_HEAD = """\
# An assignment for `bpdoctor grade`. Prove it with: bpdoctor grade validate {name}
[assignment]
title = "{title}"
entry = "solution.py"        # the file that students hand in
reference = "{reference}"    # your solution, beside this file; students never see it
hints = "place"              # how much feedback tells: none, symptom, place or cause
seed = 0

[limits]                     # for one check, and in all
seconds = 10.0
total_seconds = 60
memory_mb = 1024

[credit]                     # what a fault of a known kind still earns
scale = 0.5                  # a constant multiple of the right gradient
follow_through = 0.5         # the right gradient of a function that is itself wrong
consequences = 1.0           # wrong only because a function is used that has lost its marks already

[require]
functions = [{functions}]
"""
_LAYER = """
[[check]]
kind = "layer"
name = "{name}"
points = 4
forward = "{forward}"
backward = "{backward}"
inputs = {{ {inputs} }}      # shapes: adjust them
"""
_DERIVATIVE = """
[[check]]
kind = "derivative"
name = "{name}"
points = 2
function = "{function}"
derivative = "{derivative}"
of = "{of}"{space}# or "{other}": is it written in terms of z, or of a = f(z)?
"""
_LOSS = """
[[check]]
kind = "loss"
name = "{name}"
points = 2
function = "{function}"
derivative = "{derivative}"
inputs = {{ {inputs} }}      # shapes: adjust them; labels are {{ shape = [5], kind = "integers", classes = 2 }}
of = "{of}"
"""
_OTHER = """
# [[check]]                  # also: loss, gradient, value, no-mutation, trains, script
# kind = "gradient"
# name = "network"
# points = 6
# call = "loss_and_gradients"
# args = ["params", "X", "y"]
# inputs = {{ "params.W1" = [3, 5], "params.b1" = [5], X = [7, 3], y = {{ shape = [7, 2], kind = "onehot" }} }}
# gradients = ["params.W1", "params.b1"]
#
# [[check]]                  # the whole program; here a dead unit counts as a fault too
# kind = "script"
# points = 8
# rules = ["dead-relu"]
"""
_BACK = ("_backward", "_back", "_bwd")
_OUTPUTS = ("a", "out", "output", "activation", "y", "s")
_PREDICTIONS = (
    "prediction",
    "predictions",
    "pred",
    "y_pred",
    "yhat",
    "y_hat",
    "out",
    "output",
    "a",
    "p",
    "probs",
    "logits",
)
_SLOPE = ("_derivative", "_prime", "_slope", "_grad", "_deriv", "_backward")


def draft(reference: Path, name: str) -> str:
    """Return the text of an assignment file."""
    tree = ast.parse(reference.read_text(encoding="utf-8"))
    functions = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")}
    title = (ast.get_docstring(tree) or "Backpropagation").splitlines()[0].strip().rstrip(".").replace('"', "'")
    listed = ", ".join(f'"{f}"' for f in functions)
    parts = [_HEAD.format(name=name, title=title, reference=reference.name, functions=listed)]
    for function, node in functions.items():
        stem = function.removesuffix("_forward")
        backward = next((stem + s for s in _BACK if stem + s in functions), "")
        slope = next((function + s for s in _SLOPE if function + s in functions), "")
        if backward and stem != function:
            inputs = ", ".join(f"{a.arg} = {_shape(a.arg)}" for a in node.args.args)
            parts.append(_LAYER.format(name=stem, forward=function, backward=backward, inputs=inputs))
        elif slope and len(node.args.args) == 1:
            parts.append(_derivative(function, slope, functions[slope]))
        elif slope:
            given = [a.arg for a in node.args.args]
            inputs = ", ".join(f"{a} = [5, 2]" for a in given)
            of = next((a for a in given if a.lower() in _PREDICTIONS), given[0] if given else "")
            parts.append(_LOSS.format(name=function, function=function, derivative=slope, inputs=inputs, of=of))
    return "".join([*parts, _OTHER.format()])


def _derivative(function: str, slope: str, node: ast.FunctionDef) -> str:
    """Who calls the argument of a slope `a` means the activation, not what it is applied to."""
    output = bool(node.args.args) and node.args.args[0].arg.lower() in _OUTPUTS
    of, other = ("output", "input") if output else ("input", "output")
    return _DERIVATIVE.format(
        name=function, function=function, derivative=slope, of=of, other=other, space=" " * (24 - len(of))
    )


def _shape(argument: str) -> str:
    """A guess by the field's habits: a bias is a vector, weights lead from 4 to 3."""
    lower = argument.lower()
    return "[3]" if lower.startswith("b") else "[4, 3]" if lower.startswith("w") else "[6, 4]"
