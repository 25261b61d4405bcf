"""The penalty and its gradient carry different constant factors.

## What it does
The loss adds `lam * np.sum(W**2)` and the gradient adds `lam * W` (the 2 is missing), or one of the
two is divided by the number of samples and the other is not.

## Why it is wrong
`∂/∂W λ‖W‖² = 2λW`. The data term is right and the penalty's term is off by a factor, so the sum points
in another direction: the program minimises a loss with another λ than the one it reports. Unlike
a factor on the whole gradient, this cannot be made good by the learning rate. A factor 2 is mild; a
missing 1/N makes the decay N times too strong, and the weights are pressed to 0.

## Example
    loss = data_loss + lam * np.sum(W**2)
    dW = x.T @ d + lam * W

## Use instead
    dW = x.T @ d + 2 * lam * W

## How it is proved
The true gradient minus yours is `c · W` with a residual of rounding size, and c is neither 0 nor the
whole coefficient of the penalty. The report shows the coefficient in the loss and in the
gradient, and names their ratio: 2, ½ or N.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from bpdoctor.autodiff.mistakes import Array, array
from bpdoctor.model.evidence import Local, Prediction
from bpdoctor.model.rule import Rule


def predict(local: Local) -> Iterable[Prediction]:
    """The penalty's term with another factor, or in another power of the weight."""
    if local.penalty is None or local.role not in ("weight", "bias"):
        return
    true, penalty = array(local.true), array(local.penalty)
    data = true - penalty
    for text, c in _factors(local):
        yield Prediction(data + c * penalty, f"penalty times {text}", f"{text} times the penalty's term", "once")
        yield Prediction(data - c * penalty, f"penalty times -{text}", f"-{text} times the penalty's term", "once")
    for text, term in _other_powers(penalty, array(local.value)):
        yield Prediction(data + term, text, f"{text} for the penalty's term", "the derivative of the penalty")


def _factors(local: Local) -> Iterator[tuple[str, float]]:
    """(name, factor): the usual ones, and counts that can be read off the shapes."""
    yield from (("2", 2.0), ("1/2", 0.5), ("4", 4.0), ("1/4", 0.25))
    sizes: dict[str, int] = {"the number of weights": np.size(local.value)}
    for use in local.uses[:1]:
        for k, n in enumerate(np.shape(use.x)):
            sizes[f"axis {k} of the input"] = n
        for k, n in enumerate(np.shape(use.delta)):
            sizes[f"axis {k} of δ"] = n
    if len(local.uses) > 1:
        sizes["the number of uses"] = len(local.uses)
    done = {1, 2, 4}
    for name, n in sizes.items():
        if n not in done:
            done.add(n)
            for text, c in ((name, 1.0), (f"2 · {name}", 2.0), (f"1/2 · {name}", 0.5)):
                yield text, c * n
                yield f"1/({text})", 1 / (c * n)


def _other_powers(penalty: Array, w: Array) -> Iterator[tuple[str, Array]]:
    """(formula, value) where the derivative of the power was not taken, or that of the other norm was."""
    with np.errstate(all="ignore"):
        ratio = np.where(w != 0, penalty / w, 0.0)
        c = float(np.max(np.abs(ratio)))
        if np.allclose(penalty, c * w, rtol=1e-7, atol=0):
            yield "c * W ** 2", penalty * w
            yield "c/2 * W ** 2", penalty * w / 2
            yield "c * sign(W)", c * np.sign(w)
            yield "c/2 * sign(W)", c / 2 * np.sign(w)
            yield "c * sum(W ** 2)", np.full_like(w, np.sum(penalty * w))
            yield "c/2 * sum(W ** 2)", np.full_like(w, np.sum(penalty * w) / 2)
            yield "c * sum(W)", np.full_like(w, np.sum(penalty))
            yield "c", np.full_like(w, c)
        elif np.allclose(np.abs(penalty), np.abs(penalty).max(), rtol=1e-7, atol=0):
            yield "c * W", np.abs(penalty) * w
            yield "c * sum(|W|)", np.full_like(w, np.sum(penalty * w))
            yield "c", np.abs(penalty)


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(83)
X = rng.normal(size=(10, 2))
t = np.cos(X[:, :1]) * X[:, 1:]
W1, b1 = rng.normal(size=(2, 4)), 0.1 * rng.normal(size=4)
W2, b2 = rng.normal(size=(4, 1)), np.zeros(1)
lam = 0.05
for step in range(60):
    h = np.tanh(X @ W1 + b1)
    y = h @ W2 + b2
    loss = np.mean((y - t) ** 2) + lam * np.sum(W1**2)
    d2 = 2 * (y - t) / len(X)
    d1 = d2 @ W2.T * (1 - h**2)
    W2 -= 0.1 * h.T @ d2
    b2 -= 0.1 * d2.sum(axis=0)
    W1 -= 0.1 * (X.T @ d1 + 2 * lam * W1)
    b1 -= 0.1 * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Softmax:
    def __init__(self, n_in, n_out, lam, rng):
        self.W, self.b, self.lam = 0.5 * rng.normal(size=(n_in, n_out)), np.zeros(n_out), lam

    def step(self, X, T, rate):
        m = len(X)
        z = X @ self.W + self.b
        e = np.exp(z - z.max(axis=1, keepdims=True))
        s = e / e.sum(axis=1, keepdims=True)
        loss = -np.sum(T * np.log(s)) / m + self.lam / (2 * m) * np.sum(self.W**2)
        dW = X.T @ (s - T) / m + self.lam / m * self.W
        self.W -= rate * dW
        self.b -= rate * (s - T).sum(axis=0) / m
        return loss

rng = np.random.default_rng(84)
X = rng.normal(size=(12, 4))
T = np.eye(3)[np.argmax(X[:, 1:], axis=1)]
clf = Softmax(4, 3, 0.5, rng)
for step in range(60):
    loss = clf.step(X, T, 0.3)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(83)
X = rng.normal(size=(10, 2))
t = np.cos(X[:, :1]) * X[:, 1:]
W1, b1 = rng.normal(size=(2, 4)), 0.1 * rng.normal(size=4)
W2, b2 = rng.normal(size=(4, 1)), np.zeros(1)
lam = 0.05
for step in range(60):
    h = np.tanh(X @ W1 + b1)
    y = h @ W2 + b2
    loss = np.mean((y - t) ** 2) + lam * np.sum(W1**2)
    d2 = 2 * (y - t) / len(X)
    d1 = d2 @ W2.T * (1 - h**2)
    W2 -= 0.1 * h.T @ d2
    b2 -= 0.1 * d2.sum(axis=0)
    W1 -= 0.1 * (X.T @ d1 + lam * W1)  # <- regularisation-gradient-scale
    b1 -= 0.1 * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Softmax:
    def __init__(self, n_in, n_out, lam, rng):
        self.W, self.b, self.lam = 0.5 * rng.normal(size=(n_in, n_out)), np.zeros(n_out), lam

    def step(self, X, T, rate):
        m = len(X)
        z = X @ self.W + self.b
        e = np.exp(z - z.max(axis=1, keepdims=True))
        s = e / e.sum(axis=1, keepdims=True)
        loss = -np.sum(T * np.log(s)) / m + self.lam / (2 * m) * np.sum(self.W**2)
        dW = X.T @ (s - T) / m + self.lam * self.W  # <- regularisation-gradient-scale
        self.W -= rate * dW
        self.b -= rate * (s - T).sum(axis=0) / m
        return loss

rng = np.random.default_rng(84)
X = rng.normal(size=(12, 4))
T = np.eye(3)[np.argmax(X[:, 1:], axis=1)]
clf = Softmax(4, 3, 0.5, rng)
for step in range(60):
    loss = clf.step(X, T, 0.3)
print(loss)
""",
)

RULE = Rule(
    code="BP508",
    slug="regularisation-gradient-scale",
    title="penalty's gradient has another factor than the penalty",
    severity="error",
    explanation=__doc__ or "",
    why=("λ‖W‖² has the gradient 2λW, (λ/2)‖W‖² has λW, and a 1/N in front of one belongs in front of the other"),
    predict=predict,
    valid=VALID,
    invalid=INVALID,
)
