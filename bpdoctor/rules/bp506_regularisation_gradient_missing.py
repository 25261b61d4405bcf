"""The loss contains a penalty on the weights and the gradient does not.

## What it does
`loss = data_loss + 0.5 * lam * np.sum(W**2)` is computed, and `dW` is the gradient of the data term
alone, for all weights or for one matrix that was forgotten.

## Why it is wrong
Derivatives add: `∂/∂W [L + (λ/2)‖W‖²] = ∂L/∂W + λW`, and for `λ|W|₁` the second term is
`λ sign(W)`. Without it the penalty is only printed. The weights grow as if there were none, the
reported loss need not fall although the data term does, and an experiment over λ shows no
effect. With λ = 0 everything checks, so the fault sleeps until regularisation is turned on.

## Example
    loss = np.mean((y - t) ** 2) + 0.5 * lam * np.sum(W**2)
    dW = 2 * x.T @ (y - t) / n

## Use instead
    dW = 2 * x.T @ (y - t) / n + lam * W

## How it is proved
The difference between the true gradient and yours is `c · W` (or `c · sign(W)`) with one constant c
and a residual of rounding size, and c is the coefficient of the penalty on the tape.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.autodiff.mistakes import array
from bpdoctor.model.evidence import Local, Prediction
from bpdoctor.model.rule import Rule


def predict(local: Local) -> Iterable[Prediction]:
    """The gradient of the data term alone."""
    if local.penalty is None or local.role not in ("weight", "bias"):
        return
    true, penalty = array(local.true), array(local.penalty)
    yield Prediction(
        true - penalty, "no penalty", "the gradient of the data term alone", "with the penalty's term added"
    )


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(78)
X = rng.normal(size=(10, 3))
t = X[:, :1] * X[:, 1:2] + X[:, 2:]
W1, b1 = rng.normal(size=(3, 4)), 0.1 * rng.normal(size=4)
W2, b2 = rng.normal(size=(4, 1)), np.zeros(1)
lam = 0.05
for step in range(60):
    h = np.tanh(X @ W1 + b1)
    y = h @ W2 + b2
    loss = np.mean((y - t) ** 2) + 0.5 * lam * (np.sum(W1**2) + np.sum(W2**2))
    d2 = 2 * (y - t) / len(X)
    d1 = d2 @ W2.T * (1 - h**2)
    dW2 = h.T @ d2 + lam * W2
    dW1 = X.T @ d1 + lam * W1
    W2 -= 0.1 * dW2
    b2 -= 0.1 * d2.sum(axis=0)
    W1 -= 0.1 * dW1
    b1 -= 0.1 * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class RidgeLogistic:
    def __init__(self, n, penalty, rng):
        self.w, self.b, self.penalty = 0.5 * rng.normal(size=n), np.zeros(1), penalty

    def cost(self, p, t):
        fit = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
        return fit + self.penalty * np.dot(self.w, self.w)

    def step(self, X, t, rate):
        p = 1 / (1 + np.exp(-(X @ self.w + self.b)))
        cost = self.cost(p, t)
        grad_w = X.T @ (p - t) / len(t) + 2 * self.penalty * self.w
        self.w -= rate * grad_w
        self.b -= rate * np.mean(p - t)
        return cost

rng = np.random.default_rng(79)
X = rng.normal(size=(14, 4))
t = (X[:, 0] - 2 * X[:, 3] + 0.4 > 0).astype(float)
model = RidgeLogistic(4, 0.1, rng)
for step in range(60):
    loss = model.step(X, t, 0.3)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(78)
X = rng.normal(size=(10, 3))
t = X[:, :1] * X[:, 1:2] + X[:, 2:]
W1, b1 = rng.normal(size=(3, 4)), 0.1 * rng.normal(size=4)
W2, b2 = rng.normal(size=(4, 1)), np.zeros(1)
lam = 0.05
for step in range(60):
    h = np.tanh(X @ W1 + b1)
    y = h @ W2 + b2
    loss = np.mean((y - t) ** 2) + 0.5 * lam * (np.sum(W1**2) + np.sum(W2**2))
    d2 = 2 * (y - t) / len(X)
    d1 = d2 @ W2.T * (1 - h**2)
    dW2 = h.T @ d2 + lam * W2
    dW1 = X.T @ d1  # <- regularisation-gradient-missing
    W2 -= 0.1 * dW2
    b2 -= 0.1 * d2.sum(axis=0)
    W1 -= 0.1 * dW1
    b1 -= 0.1 * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class RidgeLogistic:
    def __init__(self, n, penalty, rng):
        self.w, self.b, self.penalty = 0.5 * rng.normal(size=n), np.zeros(1), penalty

    def cost(self, p, t):
        fit = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
        return fit + self.penalty * np.dot(self.w, self.w)

    def step(self, X, t, rate):
        p = 1 / (1 + np.exp(-(X @ self.w + self.b)))
        cost = self.cost(p, t)
        grad_w = X.T @ (p - t) / len(t)  # <- regularisation-gradient-missing
        self.w -= rate * grad_w
        self.b -= rate * np.mean(p - t)
        return cost

rng = np.random.default_rng(79)
X = rng.normal(size=(14, 4))
t = (X[:, 0] - 2 * X[:, 3] + 0.4 > 0).astype(float)
model = RidgeLogistic(4, 0.1, rng)
for step in range(60):
    loss = model.step(X, t, 0.3)
print(loss)
""",
)

RULE = Rule(
    code="BP506",
    slug="regularisation-gradient-missing",
    title="penalty in the loss has no term in the gradient",
    severity="error",
    explanation=__doc__ or "",
    why="a loss L + (λ/2)‖W‖² has the gradient ∂L/∂W + λW; the second term is left out",
    predict=predict,
    valid=VALID,
    invalid=INVALID,
)
