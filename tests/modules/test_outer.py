"""Functions that read their weights from the module and return a loss with its gradients."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpdoctor.pipeline import Options, check_path

LETTERS = """\
import numpy as np

units, letters = 8, 6
rng = np.random.default_rng(11)
Win, Wrec, Wout = (0.1 * rng.normal(size=s) for s in ((units, letters), (units, units), (letters, units)))
bias, out_bias = np.zeros((units, 1)), np.zeros((letters, 1))


def unroll(text, following, memory):
    seen, states, shares, loss = {}, {-1: memory}, {}, 0.0
    for t in range(len(text)):
        seen[t] = np.zeros((letters, 1))
        seen[t][text[t]] = 1
        states[t] = np.tanh(Win @ seen[t] + Wrec @ states[t - 1] + bias)
        raw = np.exp(Wout @ states[t] + out_bias)
        shares[t] = raw / raw.sum()
        loss -= np.log(shares[t][following[t], 0])
    dWin, dWrec, dWout = np.zeros_like(Win), np.zeros_like(Wrec), np.zeros_like(Wout)
    dbias, dout_bias, later = np.zeros_like(bias), np.zeros_like(out_bias), np.zeros_like(memory)
    for t in reversed(range(len(text))):
        d = shares[t].copy()
        d[following[t]] -= 1
        dWout += d @ states[t].T
        dout_bias += d
        inner = (Wout.T @ d + later) * (1 - states[t] ** 2)
        dbias += inner
        dWin += inner @ seen[t].T
        dWrec += inner @ states[t - 1].T
        later = Wrec.T @ inner
    for g in (dWin, dWrec, dWout, dbias, dout_bias):
        np.clip(g, -5, 5, out=g)
    return loss, dWin, dWrec, dWout, dbias, dout_bias, states[len(text) - 1]
"""
HIDDEN = """\
import numpy as np

rng = np.random.default_rng(4)
W1, b1 = rng.normal(size=(7, 9)), np.zeros(9)
W2, b2 = rng.normal(size=(9, 2)), np.zeros(2)


def cost(X, y):
    h = np.tanh(X @ W1 + b1)
    e = h @ W2 + b2 - y
    d = 2 * e / e.size
    dh = d @ W2.T * (1 - h**2)
    dW1, db1, dW2, db2 = X.T @ dh, dh.sum(axis=0), h.T @ d, d.sum(axis=0)
    return np.mean(e**2), dW1, db1, dW2, db2
"""
FAULTS = [
    (LETTERS, "inner @ states[t - 1].T", "inner @ states[t].T", "weight-gradient-wrong-input"),
    (LETTERS, "(Wout.T @ d + later)", "(Wout.T @ d)", "recurrent-gradient-not-carried"),
    (HIDDEN, "dh = d @ W2.T * (1 - h**2)", "dh = d @ W2.T", "missing-activation-derivative"),
]


@pytest.mark.parametrize("text", [LETTERS, HIDDEN], ids=["letters", "hidden"])
def test_what_is_right_is_examined_and_silent(text: str, tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(text, encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    assert report.verdict == "healthy", (report.reason, report.findings, report.not_examined)
    assert {g.status for g in report.gradients} == {"ok"}


@pytest.mark.parametrize(("text", "right", "wrong", "rule"), FAULTS, ids=[f[3] for f in FAULTS])
def test_what_is_wrong_is_named_at_its_line(text: str, right: str, wrong: str, rule: str, tmp_path: Path) -> None:
    assert text.count(right) == 1
    path = tmp_path / "net.py"
    path.write_text(text.replace(right, wrong), encoding="utf-8")
    line = text[: text.index(right)].count("\n") + 1
    found = [f for f in check_path(str(path), Options(fix=False)).findings if f.severity == "error"]
    assert [(f.rule, f.primary and f.primary.span.line) for f in found] == [(rule, line)]
    assert "_w_" not in found[0].message


def test_gradients_without_their_loss_are_said_not_to_be_examined(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(HIDDEN.replace("return np.mean(e**2), dW1", "return dW1"), encoding="utf-8")
    report = check_path(str(path), Options(fix=False))
    assert report.verdict == "inconclusive"
    assert report.not_examined == ("`cost`: it returns gradients of a loss that it does not",)
