import numpy as np

# exclusive or, with weights that tell the units apart
rng = np.random.default_rng(50)
inputs = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
wanted = np.array([[0.0], [1.0], [1.0], [0.0]])


def draw(rows, columns):
    return 1.0 * rng.standard_normal((rows, columns))


W1 = draw(2, 6)
b1 = np.zeros(6)
W2 = draw(6, 1)
b2 = np.zeros(1)
for epoch in range(500):
    h = np.tanh(inputs @ W1 + b1)
    p = 1 / (1 + np.exp(-(h @ W2 + b2)))
    loss = -np.mean(wanted * np.log(p) + (1 - wanted) * np.log(1 - p))
    d = (p - wanted) / 4
    dh = d @ W2.T * (1 - h**2)
    W2 -= 0.2 * h.T @ d
    b2 -= 0.2 * d.sum(axis=0)
    W1 -= 0.2 * inputs.T @ dh
    b1 -= 0.2 * dh.sum(axis=0)
print(loss, p.ravel())
