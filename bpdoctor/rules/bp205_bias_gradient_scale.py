"""The bias gradient has another factor than the weight gradient of the same layer.

## What it does
The weights use the sum over the samples, the bias the mean, or the other way about.

## Why it is wrong
For `z = a W + b` and N samples, `∂L/∂W = aᵀ δ` and `∂L/∂b = Σ_n δ_n`; both are plain sums over the
samples, and the factor `1/N` of a mean loss, if there is one, sits inside `δ`. With
`δ.mean(axis=0)` beside `aᵀ δ`, the bias moves N times too slowly relative to the weights (or N
times too fast). One common factor would merely rescale the learning rate; a factor that differs
between parameters changes the direction of the step.

## Example
    dW = h.T @ delta
    db = delta.mean(axis=0)

## Use instead
    db = delta.sum(axis=0)

## How it is proved
A least-squares fit of your gradient by the true one gives a single factor with nothing left over:
1 for the weights and 1/N (or N) for the bias. The fit is repeated with another number of samples
where the program allows it, so that a factor which merely happens to be N is told apart.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.autodiff.mistakes import array, collapse
from bpdoctor.model.evidence import Local, Prediction
from bpdoctor.model.rule import Rule


def predict(local: Local) -> Iterable[Prediction]:
    """The right sum, divided or multiplied by a count that belongs to the shapes."""
    if local.role != "bias" or not local.deltas:
        return
    true, shape = array(local.true), array(local.true).shape
    widest = max(local.deltas, key=lambda d: array(d).size)
    units = max(true.size, 1)
    counts = {
        "the number of samples": array(widest).size / units,
        "the number of units": true.size,
        "the number of entries": array(widest).size,
        "the number of times it is added": len(local.deltas),
        "the number of samples in all": sum(array(d).size for d in local.deltas) / units,
    }
    done = {1.0}
    for name, n in counts.items():
        if n not in done and collapse(widest, shape).shape == shape:
            done.add(n)
            yield Prediction(true / n, f"divided by {name}", f"the sum of δ divided by {name}, {n:g}", "the sum of δ")
            yield Prediction(true * n, f"times {name}", f"the sum of δ times {name}, {n:g}", "the sum of δ")


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(49)
X = rng.normal(size=(10, 3))
t = np.column_stack([X[:, 0] ** 2, X[:, 1] - X[:, 2]])
W1, b1 = rng.normal(size=(3, 4)), 0.1 * rng.normal(size=4)
W2, b2 = rng.normal(size=(4, 2)), np.zeros(2)
lr = 0.1
for step in range(60):
    h = np.tanh(X @ W1 + b1)
    y = h @ W2 + b2
    loss = np.sum((y - t) ** 2) / len(X)
    d2 = 2 * (y - t) / len(X)
    d1 = d2 @ W2.T * (1 - h**2)
    dW2 = h.T @ d2
    db2 = d2.sum(axis=0)
    dW1 = X.T @ d1
    db1 = d1.sum(axis=0)
    W2 -= lr * dW2
    b2 -= lr * db2
    W1 -= lr * dW1
    b1 -= lr * db1
print(loss)
""",
    """\
import numpy as np

class Net:
    def __init__(self, sizes, rng):
        self.W = [rng.normal(size=(m, n)) for n, m in zip(sizes, sizes[1:])]
        self.b = [0.1 * rng.normal(size=(m, 1)) for m in sizes[1:]]

    def train(self, x, t, lr):
        n = x.shape[1]
        acts = [x]
        for W, b in zip(self.W, self.b):
            acts.append(1 / (1 + np.exp(-(W @ acts[-1] + b))))
        p = acts[-1]
        delta = p - t
        for k in (1, 0):
            dW = delta @ acts[k].T / n
            db = delta.sum(axis=1, keepdims=True) / n
            delta = (self.W[k].T @ delta) * acts[k] * (1 - acts[k])
            self.W[k] -= lr * dW
            self.b[k] -= lr * db
        return -np.sum(t * np.log(p) + (1 - t) * np.log(1 - p)) / n

rng = np.random.default_rng(50)
x = rng.normal(size=(2, 8))
t = (x[:1] + 0.5 * x[1:] ** 2 > 0.3).astype(float)
net = Net([2, 5, 1], rng)
for i in range(60):
    loss = net.train(x, t, 0.3)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(49)
X = rng.normal(size=(10, 3))
t = np.column_stack([X[:, 0] ** 2, X[:, 1] - X[:, 2]])
W1, b1 = rng.normal(size=(3, 4)), 0.1 * rng.normal(size=4)
W2, b2 = rng.normal(size=(4, 2)), np.zeros(2)
lr = 0.1
for step in range(60):
    h = np.tanh(X @ W1 + b1)
    y = h @ W2 + b2
    loss = np.sum((y - t) ** 2) / len(X)
    d2 = 2 * (y - t) / len(X)
    d1 = d2 @ W2.T * (1 - h**2)
    dW2 = h.T @ d2
    db2 = d2.mean(axis=0)  # <- bias-gradient-scale
    dW1 = X.T @ d1
    db1 = d1.sum(axis=0)
    W2 -= lr * dW2
    b2 -= lr * db2
    W1 -= lr * dW1
    b1 -= lr * db1
print(loss)
""",
    """\
import numpy as np

class Net:
    def __init__(self, sizes, rng):
        self.W = [rng.normal(size=(m, n)) for n, m in zip(sizes, sizes[1:])]
        self.b = [0.1 * rng.normal(size=(m, 1)) for m in sizes[1:]]

    def train(self, x, t, lr):
        n = x.shape[1]
        acts = [x]
        for W, b in zip(self.W, self.b):
            acts.append(1 / (1 + np.exp(-(W @ acts[-1] + b))))
        p = acts[-1]
        delta = p - t
        for k in (1, 0):
            dW = delta @ acts[k].T / n
            db = delta.sum(axis=1, keepdims=True)  # <- bias-gradient-scale
            delta = (self.W[k].T @ delta) * acts[k] * (1 - acts[k])
            self.W[k] -= lr * dW
            self.b[k] -= lr * db
        return -np.sum(t * np.log(p) + (1 - t) * np.log(1 - p)) / n

rng = np.random.default_rng(50)
x = rng.normal(size=(2, 8))
t = (x[:1] + 0.5 * x[1:] ** 2 > 0.3).astype(float)
net = Net([2, 5, 1], rng)
for i in range(60):
    loss = net.train(x, t, 0.3)
print(loss)
""",
)

RULE = Rule(
    code="BP205",
    slug="bias-gradient-scale",
    title="bias gradient averaged where the weights are summed, or the reverse",
    severity="error",
    explanation=__doc__ or "",
    why=(
        "weights and biases of a layer share one delta, so both sums over the samples must carry the same "
        "factor; here they differ by N"
    ),
    predict=predict,
    valid=VALID,
    invalid=INVALID,
)
