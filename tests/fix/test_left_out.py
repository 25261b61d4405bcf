"""Updates that are missing, matrices, single precision, steps by signs: planted in small networks and cured."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.model.report import Finding
from bpdoctor.pipeline import check_path

NET = """\
import numpy as np

rng = np.random.default_rng(8)
X = rng.normal(size=(14, 3))
T = np.tanh(X @ rng.normal(size=(3, 2)))
A, a = rng.normal(size=(3, 5)), 0.1 * rng.normal(size=5)
B, b = rng.normal(size=(5, 2)), np.zeros(2)
for step in range(40):
    h = np.tanh(X @ A + a)
    out = h @ B + b
    loss = np.mean(np.sum((out - T) ** 2, axis=1))
    d_out = 2 * (out - T) / len(X)
    d_h = d_out @ B.T * (1 - h ** 2)
    B -= 0.1 * h.T @ d_out
    b -= 0.1 * d_out.sum(axis=0)
    A -= 0.1 * X.T @ d_h
    a -= 0.1 * d_h.sum(axis=0)
print(loss)
"""

MATRICES = """\
import numpy as np

np.random.seed(4)
X, T = np.matrix("0 0; 0 1; 1 0; 1 1"), np.matrix("0; 1; 1; 1")
V, c = np.matrix(np.random.randn(2, 4)), np.matrix(np.random.randn(1, 4))
U, d = np.matrix(np.random.randn(4, 1)), np.matrix(np.random.randn(1, 1))
for k in range(60):
    H = 1 / (1 + np.exp(-(X * V + c)))
    O = H * U + d
    D2 = O - T
    loss = 0.5 * np.sum(np.square(D2))
    D1 = np.multiply(D2 * U.T, np.multiply(H, 1 - H))
    U, d = U - 0.1 * H.T * D2, d - 0.1 * D2.sum(axis=0)
    V, c = V - 0.1 * X.T * D1, c - 0.1 * D1.sum(axis=0)
print(loss)
"""

SIGNS = NET.replace("0.1 * h.T @ d_out", "0.01 * np.sign(h.T @ d_out)").replace(
    "0.1 * X.T @ d_h", "0.01 * np.sign(X.T @ d_h)"
)


def first(folder: Path, text: str) -> Finding:
    path = folder / "net.py"
    path.write_text(text, encoding="utf-8")
    return next(f for f in check_path(str(path)).findings if f.severity != "note")


@pytest.mark.parametrize(
    ("missing", "written"),
    [
        ("    A -= 0.1 * X.T @ d_h\n", "A -= 0.1 * (X.T @ d_h)"),
        ("    B -= 0.1 * h.T @ d_out\n", "B -= 0.1 * (h.T @ d_out)"),
        ("    a -= 0.1 * d_h.sum(axis=0)\n", "a -= 0.1 * d_h.sum(axis=0)"),
    ],
)
def test_an_update_that_is_missing(tmp_path: Path, missing: str, written: str) -> None:
    assert missing in NET
    finding = first(tmp_path, NET.replace(missing, ""))
    assert (finding.rule, finding.severity) == ("parameter-never-updated", "warning")
    assert finding.fix is not None and written in finding.fix.diff


def test_an_update_that_is_missing_in_another_file(tmp_path: Path) -> None:
    (tmp_path / "sums.py").write_text("def affine(x, w, shift):\n    return x @ w + shift\n")
    text = NET.replace("X @ A + a", "affine(X, A, a)").replace("h @ B + b", "affine(h, B, b)")
    text = text.replace("import numpy as np\n", "import numpy as np\n\nfrom sums import affine\n")
    finding = first(tmp_path, text.replace("    a -= 0.1 * d_h.sum(axis=0)\n", ""))
    assert finding.rule == "parameter-never-updated"
    assert finding.primary is not None and Path(finding.primary.span.file).name == "sums.py"


@pytest.mark.parametrize(
    ("right", "wrong", "rule"),
    [
        ("np.multiply(D2 * U.T, np.multiply(H, 1 - H))", "np.multiply(D2 * U.T, 1 - H)", "wrong-activation-derivative"),
        ("np.multiply(D2 * U.T, np.multiply(H, 1 - H))", "D2 * U.T", "missing-activation-derivative"),
    ],
)
def test_entries_of_matrices(tmp_path: Path, right: str, wrong: str, rule: str) -> None:
    assert right in MATRICES
    finding = first(tmp_path, MATRICES.replace(right, wrong))
    assert finding.rule == rule
    assert finding.fix is not None and "np.multiply(" in finding.fix.diff.split("+    ")[-1]


def test_below_a_step_by_signs(tmp_path: Path) -> None:
    assert SIGNS.count("np.sign(") == 2
    finding = first(tmp_path, SIGNS.replace(" * (1 - h ** 2)", ""))
    line = 1 + SIGNS[: SIGNS.index("d_h =")].count("\n")
    assert (finding.rule, finding.primary and finding.primary.span.line) == ("missing-activation-derivative", line)
    assert finding.fix is not None


def test_what_an_error_times_the_square_of_an_output_happens_to_be(tmp_path: Path) -> None:
    logistic = NET.replace("out = h @ B + b", "out = 1 / (1 + np.exp(-(h @ B + b)))").replace(
        "2 * (out - T) / len(X)", "(T - out) * out ** 2"
    )
    flipped = logistic.replace("-= 0.1", "+= 0.1").replace("    loss = np.mean(np.sum((out - T) ** 2, axis=1))\n", "")
    finding = first(tmp_path, flipped.replace("print(loss)", "print(out)"))
    assert finding.rule == "wrong-activation-derivative"
    assert finding.fix is not None


@pytest.mark.parametrize(
    ("above", "line"),
    [
        ("def slope(g, z):\n    s = np.tanh(z)\n    return g\n", "d_h = slope(d_out @ B.T, h)"),
        ("def back(g, w):\n    return g @ w.T\n", "d_h = back(d_out, B)  # here"),
        ("FLAT = False\n", "d_a = d_out @ B.T; d_h = d_a if FLAT else d_a  # here"),
    ],
)
def test_where_a_factor_is_left_out(tmp_path: Path, above: str, line: str) -> None:
    text = NET.replace("import numpy as np\n", f"import numpy as np\n\n\n{above}\n")
    text = text.replace("d_h = d_out @ B.T * (1 - h ** 2)", line.replace("; ", "\n    "))
    lines = text.split("\n")
    wanted = 1 + next(i for i, each in enumerate(lines) if each.endswith("# here") or each == "    return g")
    finding = first(tmp_path, text)
    assert finding.rule == "missing-activation-derivative"
    assert finding.primary is not None and finding.primary.span.line == wanted


TURNED = NET.replace("d_h = d_out @ B.T * (1 - h ** 2)", "d_h = d_out @ B.T").replace("X.T @ d_h", "(d_h.T @ X).T")


@pytest.mark.parametrize(
    "beside", ["", "    a -= 0.1 * d_h.sum()\n"], ids=["read once", "read by what is wrong otherwise"]
)
def test_where_the_error_is_made_that_one_product_reads(tmp_path: Path, beside: str) -> None:
    text = TURNED.replace("    a -= 0.1 * d_h.sum(axis=0)\n", beside)
    text = text.replace("0.1 * (d_h.T @ X).T", "(0.1 * d_h.T @ X).T")
    line = 1 + text[: text.index("d_h =")].count("\n")
    path = tmp_path / "net.py"
    path.write_text(text, encoding="utf-8")
    found = [f for f in check_path(str(path)).findings if f.rule == "missing-activation-derivative"]
    assert [f.primary.span.line for f in found if f.primary] == [line]
    assert found[0].fix is not None and "(1 - h ** 2)" in found[0].fix.diff.split("+    ")[-1]


def test_a_loss_with_a_forward_pass_of_its_own(tmp_path: Path) -> None:
    lines = ["z = X @ A + a", "y = np.tanh(z) @ B + b", "return np.mean(np.sum(np.log(np.cosh(y - T)), axis=1))"]
    text = NET.replace("for step in", "\n    ".join(["\n\ndef total():", *lines]) + "\n\n\nfor step in")
    text = text.replace("    loss = np.mean(np.sum((out - T) ** 2, axis=1))\n", "")
    text = text.replace("print(loss)", "    if step % 20 == 0:\n        print(total())")
    text = text.replace("2 * (out - T)", "np.tanh(out - T)").replace("(1 - h ** 2)", "(1 - h)")
    line = 1 + text[: text.index("d_h =")].count("\n")
    finding = first(tmp_path, text)
    assert (finding.rule, finding.primary and finding.primary.span.line) == ("wrong-activation-derivative", line)
    assert finding.fix is not None


def test_the_derivative_of_an_output_that_spreads_over_all_units(tmp_path: Path) -> None:
    text = NET.replace("(3, 2)", "(3, 1)").replace("(5, 2)", "(5, 1)").replace("zeros(2)", "zeros(1)")
    text = text.replace("import numpy as np\n", "import numpy as np\n\n\ndef slope(y):\n    return 1 - y**2\n\n")
    text = text.replace("out = h @ B + b", "out = np.tanh(h @ B + b)").replace("1 - h ** 2", "slope(out)")
    text = text.replace("2 * (out - T)", "2 * (out - T) * slope(out)")
    line = 1 + text[: text.index("d_h =")].count("\n")
    finding = first(tmp_path, text)
    assert (finding.rule, finding.primary and finding.primary.span.line) == ("wrong-activation-derivative", line)
    assert "the layer after" in " ".join(finding.evidence)
    assert finding.fix is not None


@pytest.mark.parametrize("factor", ["h * (1 - h)", "1 - h"])
def test_the_logistic_function_between_minus_one_and_one(tmp_path: Path, factor: str) -> None:
    text = NET.replace("np.tanh(X @ A + a)", "2 / (1 + np.exp(-(X @ A + a))) - 1").replace("1 - h ** 2", factor)
    finding = first(tmp_path, text)
    assert finding.rule == "wrong-activation-derivative"
    assert finding.fix is not None
