"""Code that serves more than one caller is changed where the fault is, or the change is not called safe."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from bpdoctor.model.report import Finding, Fix, Mark
from bpdoctor.model.source import Edit, Span
from bpdoctor.model.tape import Entered, Tape
from bpdoctor.observe.sites import Sites, SourceFile
from bpdoctor.pipeline import Options, check_path
from bpdoctor.pipeline.repairs import Proposal
from bpdoctor.pipeline.sharing import Sharing

TABLE = """\
import numpy as np


def softplus(z):
    return np.logaddexp(0, z)


def softplus_slope(z):
    return {slope}


def cube(z):
    return z ** 3


def cube_slope(z):
    return 3 * z ** 2


FUNCTIONS = {{"softplus": (softplus, softplus_slope), "cube": (cube, cube_slope)}}


class Act:
    def __init__(self, name):
        self.function, self.slope = FUNCTIONS[name]

    def forward(self, z):
        self.z = z
        return self.function(z)

    def backward(self, d):
        return {back}


rng = np.random.default_rng(12)
X = rng.normal(size=(25, 3))
t = np.sin(X[:, :1])
A, B = 0.5 * rng.normal(size=(3, 6)), 0.5 * rng.normal(size=(6, 1))
act = Act("softplus")
for step in range(20):
    z = X @ A
    h = act.forward(z)
    error = h @ B - t
    loss = np.mean(error ** 2)
    d = 2 * error / len(X)
    below = act.backward(d @ B.T)
    B -= 0.1 * h.T @ d
    A -= 0.1 * X.T @ below
print(loss)
"""

ENGINE = """\
import numpy as np


class Node:
    def __init__(self, data, parents=(), back=None):
        self.data = np.asarray(data, dtype=float)
        self.grad = np.zeros_like(self.data)
        self.parents, self.back = parents, back

    def __matmul__(self, other):
        out = Node(self.data @ other.data, (self, other))

        def back():
            self.grad += out.grad @ other.data.T
            other.grad += self.data.T @ out.grad
        out.back = back
        return out

    def __sub__(self, other):
        out = Node(self.data - other.data, (self, other))

        def back():
            self.grad += fold(out.grad, self.data.shape)
        out.back = back
        return out

    def squared(self):
        out = Node(self.data ** 2, (self,))

        def back():
            self.grad += 2 * self.data * out.grad
        out.back = back
        return out

    def mean(self):
        out = Node(self.data.mean(), (self,))

        def back():
            self.grad += np.full_like(self.data, out.grad / self.data.size)
        out.back = back
        return out


def fold(g, shape):
    while g.ndim > len(shape):
        g = g.sum(axis=0)
    return g if g.shape == shape else g.sum(axis=1, keepdims=True)


def run_back(node):
    node.grad = np.ones_like(node.data)
    pending = [node]
    while pending:
        node = pending.pop()
        if node.back is not None:
            node.back()
        pending.extend(node.parents)


rng = np.random.default_rng(3)
X = rng.normal(size=(30, 4))
goal = X @ np.array([1.0, -2.0, 0.5, 0.0]) + 0.1 * rng.normal(size=30)
w = Node(0.1 * rng.normal(size=(4, 1)))
for step in range(40):
    loss = (Node(X) @ w - Node(goal)).squared().mean()
    w.grad = np.zeros_like(w.data)
    run_back(loss)
    w.data -= 0.1 * w.grad
print(float(loss.data))
"""

ADAM = """\
import numpy as np


class Adam:
    def __init__(self, params, rate=0.01):
        self.params, self.rate, self.t = params, rate, 0
        self.m = [np.zeros_like(p) for p in params]
        self.v = [np.zeros_like(p) for p in params]

    def step(self, grads):
        self.t += 1
        for i, (p, g) in enumerate(zip(self.params, grads)):
            self.m[i] = 0.9 * self.m[i] + 0.1 * g
            self.v[i] = 0.999 * self.v[i] + 0.001 * g ** 2
            self.m[i] = self.m[i] / (1 - 0.9 ** self.t)
            v_hat = self.v[i] / (1 - 0.999 ** self.t)
            p -= self.rate * self.m[i] / (np.sqrt(v_hat) + 1e-8)


rng = np.random.default_rng(0)
X = rng.uniform(-1, 1, (40, 3))
T = np.sin(2 * X[:, :1])
A, B = rng.normal(size=(3, 8)), 0.4 * rng.normal(size=(8, 1))
optimiser = Adam([A, B])
for step in range(50):
    h = np.tanh(X @ A)
    d = h @ B - T
    loss = 0.5 * np.mean(d ** 2)
    d = d / len(X)
    optimiser.step([X.T @ (d @ B.T * (1 - h ** 2)), h.T @ d])
print(loss)
"""


def first_fix(text: str, path: Path) -> tuple[Finding, Fix]:
    path.write_text(text)
    finding = next(f for f in check_path(str(path), Options(time_limit=120)).findings if f.severity == "error")
    assert finding.fix is not None, finding.message
    return finding, finding.fix


def added(fix: Fix) -> list[str]:
    lines = fix.diff.split("\n")
    return [line[1:].strip() for line in lines if line.startswith("+") and not line.startswith("+++")]


def test_a_stored_function_is_mended_where_it_is_written(tmp_path: Path) -> None:
    """The layer calls whatever it was given: a formula in its place would be wrong for the next function."""
    text = TABLE.format(slope="1 / (1 + np.exp(z))", back="d * self.slope(self.z)")
    _, fix = first_fix(text, tmp_path / "net.py")
    assert added(fix) == ["return 1 / (1 + np.exp(-z))"]


def test_a_stored_function_is_missed_by_its_name(tmp_path: Path) -> None:
    """A slope that is left out is written as a call of what the layer was given."""
    text = TABLE.format(slope="1 / (1 + np.exp(-z))", back="d")
    _, fix = first_fix(text, tmp_path / "net.py")
    assert added(fix) == ["return d * self.slope(self.z)"]


def test_an_operator_is_not_changed_for_one_operand(tmp_path: Path) -> None:
    """Targets get the shape of the outputs where they are made."""
    finding, fix = first_fix(ENGINE, tmp_path / "net.py")
    assert finding.rule == "broadcast-loss"
    assert [line.split(" = ")[0] for line in added(fix)] == ["goal"]
    assert added(fix)[0].endswith(".reshape(-1, 1)")


def test_a_corrected_moment_is_of_one_step(tmp_path: Path) -> None:
    """What is kept from step to step stays as it was gathered."""
    finding, fix = first_fix(ADAM, tmp_path / "net.py")
    assert finding.rule == "optimizer-rule"
    assert added(fix) == [
        "m_hat = self.m[i] / (1 - 0.9 ** self.t)",
        "p -= self.rate * m_hat / (np.sqrt(v_hat) + 1e-8)",
    ]


@pytest.mark.parametrize("text", [TABLE.format(slope="1 / (1 + np.exp(-z))", back="d * self.slope(self.z)")])
def test_right_networks_are_healthy(text: str, tmp_path: Path) -> None:
    """What the faults are planted in has none."""
    path = tmp_path / "net.py"
    path.write_text(text)
    assert check_path(str(path)).verdict == "healthy"


HELPER = """\
def slope(z):
    return 1 - z


def back(d, z):
    return d * slope(z)


def shown(z):
    return slope(z)
"""


def graded(recorded: set[int], primary: int) -> list[tuple[int, bool]]:
    """Lines and grades of a change in the helper and one at its call, where the calls of some lines were recorded."""
    file, sites = SourceFile("net.py", HELPER), Sites()
    calls = [n for n in ast.walk(ast.parse(HELPER)) if isinstance(n, ast.Call) and n.lineno in recorded]
    events = [Entered(0, sites.add(file, n, "net", None), "slope", 1) for n in calls]
    sharing = Sharing(Tape([], [], events), sites, {"net.py": file})
    mark = Mark(Span("net.py", primary, 5, primary, 9), "")
    finding = Finding("BP000", "wrong-gradient", "error", "wrong", mark)
    found = [Proposal("helper", (Edit(Span("net.py", 2, 12, 2, 17), "1 - z ** 2"),))]
    found += [Proposal("call", (Edit(Span("net.py", 6, 12, 6, 24), "d * (1 - z ** 2)"),))]
    return [(p.edits[0].span.line, p.confined) for p in sharing.graded(finding, [], found)]


def test_what_other_callers_share_is_not_safe() -> None:
    """The change at the place comes first; the one in the helper may reach a caller that was not seen."""
    assert graded({6}, primary=6) == [(6, True), (2, False)]


def test_callers_that_were_all_seen_make_it_safe() -> None:
    assert graded({6, 10}, primary=6) == [(6, True), (2, True)]


def test_a_helper_at_fault_is_the_place() -> None:
    assert graded({6}, primary=2)[0] == (2, True)
