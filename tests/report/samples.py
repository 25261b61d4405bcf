"""Reports made by hand, and the texts they point into."""

from __future__ import annotations

import io
from collections.abc import Sequence

from bpdoctor.model.report import Finding, Fix, GradientResult, Loss, Mark, Parameter, Report, Subject
from bpdoctor.model.source import Edit, Span
from bpdoctor.report import Format, Options

NET = """\
import numpy as np

def forward(x, W1, W2):
    h = np.tanh(x @ W1)
    return h, h @ W2

def backward(x, h, out, y, W2):
    d2 = 2 * (out - y) / len(x)
    d1 = d2 @ W2.T * (1 - np.tanh(h) ** 2)
    return d1.T @ x, h.T @ d2
"""


def at(line: int, words: str, label: str = "", *, text: str = NET, file: str = "net.py") -> Mark:
    """Mark `words` in a line of `text`."""
    column = text.split("\n")[line - 1].index(words) + 1
    return Mark(Span(file, line, column, line, column + len(words)), label)


DIFF = """\
--- a/net.py
+++ b/net.py
@@ -10 +10 @@
-    return d1.T @ x, h.T @ d2
+    return x.T @ d1, h.T @ d2
"""
TRANSPOSED = Finding(
    code="BP203",
    rule="transposed-gradient",
    severity="error",
    message="gradient of `W1` is transposed",
    primary=at(10, "d1.T @ x", "computed here; relative error 0.93"),
    related=(at(4, "x @ W1", "differentiates this product"),),
    evidence=("matches g.T @ x to 2e-16 on 3 of 3 probes; reference rejects it",),
    why="the pullback of x @ w for w is x.T @ g; `W1` is square, so the shapes agree and numpy has "
    "nothing to complain about",
    residual=2e-16,
    follows=("b0",),
    fix=Fix("write `x.T @ d1`", "safe", True, (Edit(at(10, "d1.T @ x").span, "x.T @ d1"),), DIFF),
)
TWICE = Finding(
    code="BP301",
    rule="double-activation-derivative",
    severity="warning",
    message="tanh' is taken of `h`, which is already tanh of something",
    primary=at(9, "(1 - np.tanh(h) ** 2)", "should be 1 - h²"),
    related=(at(9, "np.tanh(h)", "applied again"), at(4, "np.tanh(x @ W1)", "applied here")),
    fix=Fix("write `(1 - h**2)`", "unsafe", False, (), ""),
)
SUBJECT = Subject(
    (Parameter("W1", (784, 784), 14), Parameter("W2", (784, 10), 15), Parameter("net.bias", (), None)),
    Loss("loss", 21, "mean squared error", False),
    "gradient descent, learning rate 0.1",
    8,
)
SICK = Report(
    path="net.py",
    kind="script",
    verdict="sick",
    subject=SUBJECT,
    gradients=(
        GradientResult("W1", "wrong", 0.93, 1e-11, None, 10),
        GradientResult("W2", "scaled", 15.0, 1e-11, 1 / 16, 10),
        GradientResult("net.bias", "not-examined", None, None, None, None),
    ),
    findings=(TRANSPOSED, TWICE),
    health={"saturated": {"h": 0.25}, "steps": [1, 2]},
    assumptions=("`y` does not depend on a parameter",),
    not_examined=("`scipy.special.erf` at line 30: no derivative is known",),
    cost={"seconds": 0.5, "forward_evaluations": 12, "nodes": 345},
    environment={"python": "3.11.2", "numpy": "2.0", "bpdoctor": "0.1.0", "seed": 0},
)
HEALTHY = Report(
    path="good.py",
    kind="script",
    verdict="healthy",
    subject=Subject(
        tuple(Parameter(f"W{i}", (3, i + 1), i + 1) for i in range(20)),
        Loss("", None, "half the sum of squared errors", True),
    ),
    gradients=(
        *(GradientResult(f"W{i}", "ok", (i + 1) * 1e-12, 1e-13, None, 40 + i) for i in range(19)),
        GradientResult("W19", "vacuous", None, None, None, 59),
    ),
)
REFUSED = Report(
    path="net.py",
    kind="script",
    verdict="inconclusive",
    reason="ZeroDivisionError: division by zero",
    reason_at=at(8, "/ len(x)", "raised here"),
)


def rendered(form: Format, reports: Sequence[Report], options: Options | None = None) -> str:
    """Render to a string; by default with the text of net.py at hand."""
    stream = io.StringIO()
    form.render(reports, stream, options=options or Options(sources={"net.py": NET}))
    return stream.getvalue()
