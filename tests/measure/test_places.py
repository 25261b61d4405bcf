"""Measurements that name places: the lines are known because the test writes the program."""

import numpy as np
import pytest

from .harness import examine

NET = """\
import numpy as np

rng = np.random.default_rng(1)
X, t = rng.normal(size=(8, 3)), rng.normal(size=({shape}))
W, b = {W}, np.zeros(4)
V, c = {V}, np.zeros(1)
for step in range(6):
    h = np.tanh(X @ W + b)
    y = h @ V + c
    r = y - t
    loss = np.mean(r ** 2)
    d = 2 * r.mean(axis=1, keepdims=True) / len(X)
    {first}
    dh = d @ V.T * (1 - h ** 2)
    {second}
    c -= 0.1 * d.sum(axis=0)
    W -= 0.1 * X.T @ dh
    b -= 0.1 * dh.sum(axis=0)
    {late}
"""
PLAIN = {
    "shape": "8, 1", "W": "rng.normal(size=(3, 4))", "V": "rng.normal(size=(4, 1))",
    "first": "pass", "second": "V -= 0.1 * h.T @ d", "late": "pass",
}  # fmt: skip


def lines(name, field="site", **changes):
    examination = examine(NET.format(**(PLAIN | changes)))
    return [examination.sites[getattr(x, field)].line for x in examination.measurements[name]]


@pytest.mark.parametrize("name", ["shapes", "stale", "symmetry", "mutation", "pinned"])
def test_nothing_is_found_in_the_plain_network(name):
    assert lines(name, "site") == []


def test_pairing_of_outputs_and_targets():
    assert lines("shapes", shape="8") == [10]


def test_stale_read_and_its_update():
    changes = {"first": PLAIN["second"], "second": "pass"}
    assert lines("stale", **changes) == [14]
    assert lines("stale", "update", **changes) == [13]


def test_copies_need_equal_weights_on_both_sides():
    same, zero = "np.full((3, 4), 0.3)", "np.zeros((4, 1))"
    assert lines("symmetry", "incoming", W=same, V="np.full((4, 1), 0.2)") == [5]
    assert lines("symmetry", "incoming", W=same) == []
    assert lines("symmetry", "incoming", V=zero) == []


def test_copies_among_single_numbers():
    text = """\
import math

w, v = [[0.3, 0.2], [0.3, 0.2], [0.3, 0.2]], [0.4, 0.4, 0.4]
for epoch in range(9):
    for x, t in (([0.5, -1.0], 0.3), ([1.0, 0.2], -0.1)):
        h = [math.tanh(a * x[0] + b * x[1]) for a, b in w]
        y = sum(p * q for p, q in zip(v, h))
        d = y - t
        g = [d * p * (1 - q * q) for p, q in zip(v, h)]
        for j in range(3):
            v[j] -= 0.1 * d * h[j]
            for i in range(2):
                w[j][i] -= 0.1 * g[j] * x[i]
"""
    assert [c.units for c in examine(text).measurements["symmetry"]] == [3]
    assert examine(text.replace("[0.3, 0.2]]", "[0.1, 0.2]]")).measurements["symmetry"] == []


@pytest.mark.parametrize(
    ("late", "read"),
    [
        ("k = h; k *= 2; print(h)", True),
        ("k = h; k *= 2; m = h.mean()", True),
        ("k = h.copy(); k *= 2; print(h)", False),
        ("k = h; k *= 2; print(k)", False),
        ("h *= 2; print(h)", False),
        ("k = h; k *= 1; m = h.mean()", False),
    ],
)
def test_reading_after_an_overwrite_through_another_name(late, read):
    assert lines("mutation", "write", late=late) == ([19] if read else [])


def test_overwriting_that_belongs_to_the_forward_pass():
    text = NET.format(**PLAIN).replace("np.tanh(X @ W + b)", "X @ W; k = h; k += b; np.tanh(h, out=h)")
    assert examine(text).measurements["mutation"] == []


def test_outputs_pinned_at_a_row_of_zeros():
    text = """\
import numpy as np

rng = np.random.default_rng(1)
X, t = np.vstack([np.zeros(3), rng.normal(size=(7, 3))]), rng.normal(size=(8, 1))
W, V = rng.normal(size=(3, 4)), rng.normal(size=(4, 1))
for step in range(6):
    h = np.tanh(X @ W)
    y = h @ V
    d = 2 * (y - t) / len(X)
    dh = d @ V.T * (1 - h ** 2)
    V -= 0.1 * h.T @ d
    W -= 0.1 * X.T @ dh
"""
    examination = examine(text)
    (found,) = examination.measurements["pinned"]
    target = np.random.default_rng(1)
    target.normal(size=(7, 3))
    assert (examination.sites[found.site].line, found.index, found.value) == (8, (0, 0), 0.0)
    assert found.target == target.normal(size=(8, 1))[0, 0]
    assert examine(text.replace("h = np.tanh(X @ W)", "h = np.cos(X @ W)")).measurements["pinned"] == []
