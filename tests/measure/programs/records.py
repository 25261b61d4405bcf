from collections import namedtuple
from dataclasses import dataclass, replace

import numpy as np

# Parameters in records that are made anew at every step, of tuples and of data classes.

Head = namedtuple("Head", "w b")


@dataclass(frozen=True)
class Trunk:
    w: np.ndarray
    b: np.ndarray


rng = np.random.default_rng(9)
x = rng.normal(size=(30, 3))
t = np.sin(x[:, :1] - x[:, 1:2])
trunk = Trunk(rng.normal(size=(3, 7)) * 0.6, np.zeros(7))
head = Head(rng.normal(size=(7, 1)) * 0.4, np.zeros(1))
for step in range(120):
    h = np.tanh(x @ trunk.w + trunk.b)
    y = h @ head.w + head.b
    loss = 0.5 * np.mean((y - t) ** 2)
    d = (y - t) / len(x)
    dz = d @ head.w.T * (1 - h**2)
    slopes = Head(h.T @ d, d.sum(axis=0))
    head = Head(*(p - 0.2 * g for p, g in zip(head, slopes)))
    trunk = replace(trunk, w=trunk.w - 0.2 * x.T @ dz, b=trunk.b - 0.2 * dz.sum(axis=0))
    if step % 40 == 0:
        print(step, loss)
