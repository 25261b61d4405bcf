"""Fixes of what is only defined are written in the user's own names."""

from __future__ import annotations

from pathlib import Path

from bpdoctor.pipeline import check_path

HINGE = '''\
import numpy as np


def hinge_loss(W, X, y, reg):
    """Loss and gradient.

    W: weights of shape (D, C)
    X: data of shape (N, D)
    y: labels of shape (N,)
    """
    scores = X.dot(W)
    right = scores[np.arange(len(y)), y][:, None]
    margins = np.maximum(0, scores - right + 1)
    margins[np.arange(len(y)), y] = 0
    loss = margins.sum() / len(y) + reg * np.sum(W * W)
    above = (margins > 0).astype(float)
    above[np.arange(len(y)), y] = -above.sum(axis=1)
    dW = X.T.dot(above) / len(y)
    dW += reg * W
    return loss, dW
'''


def test_no_name_of_ours_is_in_a_fix(tmp_path: Path) -> None:
    path = tmp_path / "hinge.py"
    path.write_text(HINGE, encoding="utf-8")
    found = next(f for f in check_path(str(path)).findings if f.severity == "error")
    assert found.rule == "regularisation-gradient-scale"
    assert found.fix is not None
    assert "`dW += 2 * reg * W`" in found.fix.title
