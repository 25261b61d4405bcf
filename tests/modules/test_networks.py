"""Networks that are only defined, with a training method: how it is called, and what is found then."""

from __future__ import annotations

from pathlib import Path

from bpdoctor.pipeline import check_path

SORTER = """\
import numpy as np


class Sorter:
    def __init__(self, nin, nhid, nout, rate):
        self.into = np.random.normal(0.0, nin**-0.5, (nhid, nin))
        self.outof = np.random.normal(0.0, nhid**-0.5, (nout, nhid))
        self.rate = rate
        self.squash = lambda z: 1 / (1 + np.exp(-z))

    def train(self, inputs_list, targets_list):
        x = np.array(inputs_list, ndmin=2).T
        t = np.array(targets_list, ndmin=2).T
        h = self.squash(np.dot(self.into, x))
        o = self.squash(np.dot(self.outof, h))
        miss = t - o
        hidden_miss = np.dot(self.outof.T, {error})
        self.outof += self.rate * np.dot(miss * o * (1.0 - o), h.T)
        self.into += self.rate * np.dot(hidden_miss * h * (1.0 - h), x.T)
"""

# Three inputs, one output; what is wanted is called an output.
TURMA = """\
import numpy as np


class Rede:
    def __init__(self, taxa=0.4):
        self.pesos0 = 2 * np.random.random((3, 4)) - 1
        self.pesos1 = 2 * np.random.random((4, 1)) - 1
        self.taxa = taxa

    def treinar(self, entradas, saidas, epocas):
        for _ in range(epocas):
            oculta = np.tanh(entradas @ self.pesos0)
            resposta = oculta @ self.pesos1
            delta = resposta - saidas
            delta_oculta = delta @ self.pesos1.T * {slope}
            self.pesos1 -= self.taxa * oculta.T @ delta / len(saidas)
            self.pesos0 -= self.taxa * entradas.T @ delta_oculta / len(saidas)
"""


def test_lists_of_targets_are_targets(tmp_path: Path) -> None:
    path = tmp_path / "sorter.py"
    path.write_text(SORTER.format(error="miss * o * (1.0 - o)"), encoding="utf-8")
    assert check_path(str(path)).verdict == "healthy"


def test_an_error_is_mended_as_it_is_written_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "sorter.py"
    path.write_text(SORTER.format(error="miss"), encoding="utf-8")
    found = next(f for f in check_path(str(path)).findings if f.severity == "error")
    assert found.rule == "backpropagated-error-wrong"
    assert found.fix is not None
    assert found.fix.verified
    assert "miss * o * (1.0 - o)" in found.fix.title


def test_what_trains_takes_outputs_that_are_wanted(tmp_path: Path) -> None:
    path = tmp_path / "rede.py"
    path.write_text(TURMA.format(slope="(1 - oculta**2)"), encoding="utf-8")
    assert check_path(str(path)).verdict == "healthy"
    path.write_text(TURMA.format(slope="(1 - oculta)"), encoding="utf-8")
    found = [f for f in check_path(str(path)).findings if f.severity == "error"]
    assert [f.primary.span.line for f in found if f.primary] == [15]


SERIES = """\
import numpy as np


class Series:
    def __init__(self, features, hidden):
        self.w = np.random.randn(features, hidden)
        self.u = np.random.randn(hidden, hidden)
        self.v = np.random.randn(hidden, 1)

    def forward(self, x, h):
        h = np.tanh(x @ self.w + h @ self.u)
        return h @ self.v, h

    def train_step(self, x_train, y_train, h):
        states, missed = [h], []
        for x, y in zip(x_train, y_train):
            out, h = self.forward(x, h)
            states.append(h)
            missed.append(out - y)
        loss = 0.5 * np.sum(np.square(missed))
        grads = {"w": 0, "u": 0, "v": 0}
        later = np.zeros_like(h)
        for t in reversed(range(len(missed))):
            grads["v"] = grads["v"] + states[t + 1].T @ missed[t]
            d = (missed[t] @ self.v.T + later) * (1 - states[t + 1] ** 2)
            grads["w"] = grads["w"] + x_train[t].reshape(len(d), -1).T @ d
            grads["u"] = grads["u"] + states[t].T @ d
            later = d @ self.u.T
        return grads, loss, h
"""


def test_what_goes_forward_by_itself_is_not_given_a_state_that_learns(tmp_path: Path) -> None:
    path = tmp_path / "series.py"
    path.write_text(SERIES, encoding="utf-8")
    assert not check_path(str(path)).findings


def test_a_package_is_found_from_within(tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "act.py").write_text("import numpy as np\n\n\ndef bend(z):\n    return np.tanh(z)\n", encoding="utf-8")
    text = "import numpy as np\n\nimport tiny.act as act\n\n\nclass Bend:\n    def forward(self, x):\n"
    text += "        self.a = act.bend(x)\n        return self.a\n\n"
    text += "    def backward(self, grad):\n        return grad * (1 - self.a**2)\n"
    (folder / "layer.py").write_text(text, encoding="utf-8")
    report = check_path(str(folder / "layer.py"))
    assert report.verdict == "healthy", report.reason


WANTED = """\
import math


class Net:
    def __init__(self, size, rate=0.1):
        self.weights = [0.1 * (i + 1) for i in range(size)]
        self.rate = rate

    def forward(self, signals):
        self.signals = list(signals)
        self.out = [math.tanh(w * s) for w, s in zip(self.weights, signals)]
        return self.out

    def backward(self, answer_sought):
        self.deltas = [(o - a) * (1 - o * o) for o, a in zip(self.out, answer_sought)]
        return sum((o - a) ** 2 for o, a in zip(self.out, answer_sought)) / 2

    def update_weights(self):
        for i, d in enumerate(self.deltas):
            self.weights[i] -= self.rate * d * self.signals[i]
"""


def test_what_is_wanted_is_no_error_from_above(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(WANTED, encoding="utf-8")
    assert not check_path(str(path)).findings
