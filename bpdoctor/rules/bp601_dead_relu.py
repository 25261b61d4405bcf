"""Some ReLU units give 0 for every sample, at every step seen.

## What it does
The weighted input of a unit is negative for all the data, because of a large negative bias, of
weights all of one sign, or of one big step that threw it there.

## Why it is wrong
`f(z) = max(0, z)` has `f'(z) = 0` for `z < 0`. Where that holds for every sample, the gradient with
respect to the unit's incoming weights and bias is exactly 0, so they never move again: the unit
stays dead. The network is smaller than its shape says. Gradient checks compare 0 with 0 there
and prove nothing, which is why such entries count as untested, not as correct.

## Example
    b1 = -5.0 * np.ones(hidden)
    h = np.maximum(0, x @ W1 + b1)

## Use instead
    b1 = np.zeros(hidden)       # with W1 of standard deviation sqrt(2 / inputs), and a modest rate

## How it is proved
For each unit the share of samples with `z > 0` is counted at the recorded steps. Units with share 0
throughout are listed, with the step since when. A unit that is silent for most samples and answers
to a few is healthy, and so are leaky units.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpdoctor.model.evidence import Evidence
from bpdoctor.model.examination import Examination
from bpdoctor.model.rule import Rule

# Where the steps see different data, silence over fewer rows than this proves little.
_ROWS = 64


def evidence(examination: Examination) -> Iterable[Evidence]:
    """Name layers in which units were 0 for every sample at every step seen."""
    for layer in examination.measurements["activity"]:
        if not layer.silent or not layer.hidden or not (layer.whole or layer.samples >= _ROWS):
            continue
        text = " ".join(examination.sites[layer.site].text.split())
        yield Evidence(
            layer.site,
            f"{layer.silent} of {layer.units} ReLU units of `{text}` are 0 for every sample",
            label=f"{layer.silent} of {layer.units} units are dead",
            facts=(
                f"never positive over {layer.samples} rows of the recorded steps",
                "their incoming weights get a gradient of exactly 0",
            ),
        )


VALID = (
    """\
import numpy as np

rng = np.random.default_rng(90)
X = rng.uniform(-1, 1, size=(12, 2))
t = X[:, :1] * X[:, 1:] + 0.3
W1, b1 = rng.normal(size=(2, 6)), np.array([0.2, 0.2, 0.1, 0.1, 0.3, 0.3])
W2, b2 = 0.7 * rng.normal(size=(6, 1)), np.zeros(1)
for step in range(60):
    z = X @ W1 + b1
    h = np.maximum(0, z)
    y = h @ W2 + b2
    loss = np.mean((y - t) ** 2)
    d2 = 2 * (y - t) / len(X)
    d1 = d2 @ W2.T * (z > 0)
    W2 -= 0.1 * h.T @ d2
    b2 -= 0.1 * d2.sum(axis=0)
    W1 -= 0.1 * X.T @ d1
    b1 -= 0.1 * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Net:
    def __init__(self, rng):
        self.W, self.b = rng.normal(size=(3, 5)), 0.1 * np.ones(5)
        self.V, self.c = rng.normal(size=(5, 2)) / 2, np.zeros(2)

    def train(self, x, t, lr):
        h = np.maximum(x @ self.W + self.b, 0)
        z = h @ self.V + self.c
        e = np.exp(z - z.max(axis=1, keepdims=True))
        s = e / e.sum(axis=1, keepdims=True)
        d = (s - t) / len(x)
        dh = d @ self.V.T * (h > 0)
        self.V -= lr * h.T @ d
        self.c -= lr * d.sum(axis=0)
        self.W -= lr * x.T @ dh
        self.b -= lr * dh.sum(axis=0)
        return -np.sum(t * np.log(s)) / len(x)

rng = np.random.default_rng(91)
x = rng.uniform(0.2, 1, size=(10, 3))
t = np.eye(2)[(x[:, 0] > x[:, 1]).astype(int)]
net = Net(rng)
for step in range(40):
    loss = net.train(x, t, 0.1)
print(loss)
""",
)

INVALID = (
    """\
import numpy as np

rng = np.random.default_rng(90)
X = rng.uniform(-1, 1, size=(12, 2))
t = X[:, :1] * X[:, 1:] + 0.3
W1, b1 = rng.normal(size=(2, 6)), np.array([-9.0, 0.2, -9.0, 0.1, -9.0, 0.3])
W2, b2 = 0.7 * rng.normal(size=(6, 1)), np.zeros(1)
for step in range(60):
    z = X @ W1 + b1
    h = np.maximum(0, z)  # <- dead-relu
    y = h @ W2 + b2
    loss = np.mean((y - t) ** 2)
    d2 = 2 * (y - t) / len(X)
    d1 = d2 @ W2.T * (z > 0)
    W2 -= 0.1 * h.T @ d2
    b2 -= 0.1 * d2.sum(axis=0)
    W1 -= 0.1 * X.T @ d1
    b1 -= 0.1 * d1.sum(axis=0)
print(loss)
""",
    """\
import numpy as np

class Net:
    def __init__(self, rng):
        self.W, self.b = np.abs(rng.normal(size=(3, 5))) * [1, -1, 1, -1, -1], -0.1 * np.ones(5)
        self.V, self.c = rng.normal(size=(5, 2)) / 2, np.zeros(2)

    def train(self, x, t, lr):
        h = np.maximum(x @ self.W + self.b, 0)  # <- dead-relu
        z = h @ self.V + self.c
        e = np.exp(z - z.max(axis=1, keepdims=True))
        s = e / e.sum(axis=1, keepdims=True)
        d = (s - t) / len(x)
        dh = d @ self.V.T * (h > 0)
        self.V -= lr * h.T @ d
        self.c -= lr * d.sum(axis=0)
        self.W -= lr * x.T @ dh
        self.b -= lr * dh.sum(axis=0)
        return -np.sum(t * np.log(s)) / len(x)

rng = np.random.default_rng(91)
x = rng.uniform(0.2, 1, size=(10, 3))
t = np.eye(2)[(x[:, 0] > x[:, 1]).astype(int)]
net = Net(rng)
for step in range(40):
    loss = net.train(x, t, 0.1)
print(loss)
""",
)

RULE = Rule(
    code="BP601",
    slug="dead-relu",
    title="ReLU units that are 0 for every sample",
    severity="warning",
    explanation=__doc__ or "",
    why=(
        "a unit with z < 0 for all samples has output 0 and derivative 0: neither its weights nor "
        "anything below it gets a gradient through it"
    ),
    evidence=evidence,
    valid=VALID,
    invalid=INVALID,
)
