import numpy as np

# "is neither switch on": the row (0, 0) should give 1, and gives 0.5
rng = np.random.default_rng(8)
switches = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
neither = np.array([[1.0], [0.0], [0.0], [0.0]])
A, B = rng.normal(size=(2, 4)), rng.normal(size=(4, 1))
for k in range(800):
    h = np.tanh(switches @ A)
    p = 1 / (1 + np.exp(-(h @ B)))  # <- missing-bias
    loss = -np.mean(neither * np.log(p) + (1 - neither) * np.log(1 - p))
    delta = (p - neither) / 4
    gB = h.T @ delta
    gA = switches.T @ (delta @ B.T * (1 - h * h))
    A -= 0.4 * gA
    B -= 0.4 * gB
print(loss, p.ravel())
