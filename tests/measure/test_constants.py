"""Updates that are lost and values that are never trained."""

import pytest

from .harness import examine

NET = """\
import numpy as np

rng = np.random.default_rng(1)
X, t = rng.normal(size=(8, 3)), rng.normal(size=(8, 1))
W, b = rng.normal(size=(3, 4)), {b}
V, c = rng.normal(size=(4, 1)), np.zeros(1)
average = V.copy()
for step in range(6):
    h = np.tanh(X @ W + b)
    y = h @ V + c
    d = 2 * (y - t) / len(X)
    dh = d @ V.T * (1 - h ** 2)
    V -= 0.1 * h.T @ d
    c -= 0.1 * d.sum(axis=0)
    W -= 0.1 * X.T @ dh
    {line}
"""


def measured(line="b -= 0.1 * dh.sum(axis=0)", b="0.1 * rng.normal(size=4)", text=NET):
    examination = examine(text.format(line=line, b=b))
    found = examination.measurements["constants"]
    lost = [(examination.sites[x.site].line, x.names) for x in found.lost]
    return lost, [(examination.sites[x.site].line, x.name, x.role) for x in found.untrained]


def test_a_trained_network_has_neither():
    assert measured() == ([], [])


@pytest.mark.parametrize(
    "line",
    [
        "b - 0.1 * dh.sum(axis=0)",
        "new_b = b - 0.1 * dh.sum(axis=0)",
        "k = b.copy(); k -= 0.1 * dh.sum(axis=0)",
    ],
)
def test_an_update_that_goes_nowhere(line):
    assert measured(line) == ([(16, ("b",))], [])


def test_a_bias_without_gradient():
    assert measured("pass") == ([], [(9, "b", "bias")])


def test_a_bias_that_is_taken_off():
    text = NET.replace("X @ W + b", "X @ W - b")
    assert measured("pass", text=text) == ([], [(9, "b", "bias")])
    assert measured("b += 0.1 * dh.sum(axis=0)", text=text) == ([], [])


def test_targets_are_no_bias():
    text = NET.replace("X, t = rng.normal(size=(8, 3)), rng.normal(size=(8, 1))", "X, t = rng.normal(size=(1, 3)), 0.4")
    text = text.replace("import numpy as np\n", "import numpy as np\nimport random\n").replace("0.4", "random.random()")
    assert measured(text=text) == ([], [])


@pytest.mark.parametrize("line", ["average = 0.9 * average + 0.1 * V", "average += 0.1 * (V - average)", "gap = y - t"])
def test_other_sums_are_no_lost_updates(line):
    both = line + "; b -= 0.1 * dh.sum(axis=0)"
    assert measured(both) == ([], [])


def test_weights_without_gradient():
    text = NET.replace("y = h @ V + c", "h2 = h @ K; y = h2 @ V + c").replace("h.T @ d", "h2.T @ d")
    text = text.replace("d @ V.T", "d @ V.T @ K.T").replace("average =", "K = rng.normal(size=(4, 4)); average =")
    assert measured(text=text) == ([], [(10, "K", "weights")])


def left_out(text, **filled):
    examination = examine(text.format(**{"line": "pass", "b": "0.1 * rng.normal(size=4)", **filled}))
    return [(x.name, x.left_out) for x in examination.measurements["constants"].untrained]


def test_a_bias_whose_weights_learn_is_left_out():
    assert left_out(NET) == [("b", "weights")]


def test_weights_are_left_out_where_their_bias_learns():
    deep = NET.replace("y = h @ V + c", "h2 = h @ K{sum}; y = h2 @ V + c").replace("h.T @ d", "h2.T @ d")
    deep = deep.replace("d @ V.T", "d @ V.T @ K.T").replace("    V -=", "    {own}; V -=")
    deep = deep.replace("average =", "K, k = rng.normal(size=(4, 4)), np.zeros(4); average =")
    trained = "b -= 0.1 * dh.sum(axis=0)"
    assert left_out(deep, line=trained, sum="", own="pass") == [("K", "others")]
    own = "k = k - 0.1 * (d @ V.T).sum(axis=0)"
    assert left_out(deep, line=trained, sum=" + k", own=own) == [("K", "bias")]


def test_what_differs_from_place_to_place_may_be_meant():
    placed = NET.replace("rng.normal(size=(8, 3)), rng", "rng.normal(size=(8, 2, 3)), rng").replace("X.T @ dh", "0 * W")
    placed = placed.replace("t = rng.normal(size=(8, 3)), rng.normal(size=(8, 1))", "t = 0, 0")
    placed = placed.replace("h = np.tanh(X @ W + b)", "h = np.tanh(X @ W + b).sum(axis=1)")
    placed = placed.replace("dh = d @ V.T * (1 - h ** 2)", "dh = d @ V.T")
    assert left_out(placed, b="0.1 * rng.normal(size=(2, 4))") == [("b", "")]


NODES = """\
import math
import random

random.seed(3)


def between(a, b):
    return (b - a) * random.random() + a


class Node:
    def __init__(self, size):
        self.weights = [between(-0.5, 0.5) for _ in range(size)]
        self.threshold = between(-0.3, 0.3)

    def answer(self, signals):
        self.signals = signals
        total = sum([w * s for w, s in zip(self.weights, signals)]) - self.threshold
        self.out = math.tanh(total)
        return self.out

    def learn(self, delta, rate):
        self.weights = [w + rate * delta * s for w, s in zip(self.weights, self.signals)]
        {line}


hidden = [Node(2) for _ in range(3)]
top = Node(3)
for epoch in range(4):
    for signals, wanted in [([0.0, 1.0], 1.0), ([1.0, 1.0], 0.0)]:
        out = top.answer([n.answer(signals) for n in hidden])
        miss = 0.5 * (wanted - out) ** 2
        delta = (wanted - out) * (1 - out**2)
        back = [delta * w * (1 - n.out**2) for w, n in zip(top.weights, hidden)]
        top.learn(delta, 0.3)
        for n, d in zip(hidden, back):
            n.learn(d, 0.3)
"""


def test_a_number_that_was_drawn_from_a_range():
    assert measured("pass", text=NODES)[1] == [(18, "self.threshold", "bias")]
    assert measured("self.threshold -= rate * delta", text=NODES)[1] == []
