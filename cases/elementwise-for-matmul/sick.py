import numpy as np

# A small recurrent-free controller: four sensors, four hidden units, four motors.
rng = np.random.default_rng(32)
sense = rng.uniform(-1, 1, size=(40, 4))
motor = np.tanh(sense @ rng.normal(size=(4, 4)))

V = rng.normal(size=(4, 4)) * 0.5
U = rng.normal(size=(4, 4)) * 0.5
bv = 0.1 * rng.normal(size=4)
bu = np.zeros(4)
rate = 0.05

for sweep in range(15):
    cost = 0.0
    for s, m in zip(sense, motor):
        hidden = np.tanh(V @ s + bv)
        out = U @ hidden + bu
        miss = out - m
        cost += 0.5 * miss @ miss
        back = (U.T @ miss) * (1 - hidden ** 2)
        U -= rate * (miss * hidden)
        bu -= rate * miss
        V -= rate * np.outer(back, s)
        bv -= rate * back
    print(sweep, round(float(cost), 5))
