"""Replaying a tape with other numbers gives what the program computes from them."""

import numpy as np

from bpdoctor.autodiff.replay import replay
from bpdoctor.measure.exponent import exponentials

from .harness import examine

NET = """\
import numpy as np

rng = np.random.default_rng(0)
X, t = rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
W = rng.normal(size=(3, 2))
for step in range(4):
    z = X @ W
    z[z < -1] = -1
    e = np.exp(z)
    s = e / e.sum(axis=1, keepdims=True)
    q = 1 / (1 + np.exp(300 * z))
    W -= 0.1 * X.T @ (s - t)
"""


def test_replay_equals_a_run_with_other_numbers():
    view = examine(NET).views[0]
    (start,) = (c.start for c in view.step.parameters)
    W = np.linspace(-1, 1, 6).reshape(3, 2)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(6, 3))
    z = np.maximum(X @ W, -1)
    s = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    values = replay(view.tape, {start: W}, view.step.stop)
    clamped = view.tape.values[start]
    assert np.allclose(replay(view.tape, {start: clamped}, view.step.stop)[max(values)], view.tape.values[max(values)])
    # Which entries are clamped was decided by the recorded numbers, the mask being an index of the write.
    assert any(np.shape(v) == s.shape and np.allclose(v, X @ W) for v in values.values())


def test_only_an_overflow_that_spoils_something_is_harmful():
    text = NET.replace("np.exp(z)", "np.exp(300 * z)")
    examination = examine(text)
    harm = {examination.sites[e.site].line: e.harmful for e in exponentials(examination) if e.argument > 0.5 * e.limit}
    assert harm.get(9) is True
    assert harm.get(11) in (False, None)
