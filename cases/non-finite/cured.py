import io

import numpy as np

TABLE = """\
temperature,humidity,wind,demand
0.4,-0.7,1.2,0.2
1.1,0.9,,-0.4
0.2,-1.3,-0.6,0.1
1.6,0.1,0.3,-0.9
0.7,-0.2,0.8,-0.1
"""

table = np.genfromtxt(io.StringIO(TABLE), delimiter=",", skip_header=1, filling_values=0.0)
x, demand = table[:, :3], table[:, 3:]

rng = np.random.default_rng(36)
w1 = rng.normal(size=(3, 4)) / np.sqrt(3)
b1 = 0.1 * rng.normal(size=4)
w2 = rng.normal(size=(4, 1)) / 2
b2 = np.zeros(1)

for epoch in range(120):
    hidden = np.tanh(x @ w1 + b1)
    forecast = hidden @ w2 + b2
    loss = np.mean((forecast - demand) ** 2)

    d2 = 2 * (forecast - demand) / len(x)
    d1 = d2 @ w2.T * (1 - hidden ** 2)
    w2 -= 0.1 * hidden.T @ d2
    b2 -= 0.1 * d2.sum(axis=0)
    w1 -= 0.1 * x.T @ d1
    b1 -= 0.1 * d1.sum(axis=0)
    if epoch % 30 == 0:
        print(epoch, loss)
