"""A recurrent network that learns while it runs: the derivative of its state is carried on beside the state."""

import numpy as np

rng = np.random.default_rng(3)
H = 4
W = rng.normal(0, 0.5, (H, H + 2))
v = rng.normal(0, 0.5, H)
x = np.sin(0.5 * np.arange(300))

h = np.zeros(H)
S = np.zeros((H, H, H + 2))  # S[k, i, j] = dh_k / dW_ij
for t in range(len(x) - 1):
    u = np.concatenate([h, [x[t], 1.0]])
    h = np.tanh(W @ u)
    own = np.einsum("ki,j->kij", np.eye(H), u)
    S = (1 - h**2)[:, None, None] * (np.tensordot(W[:, :H], S, axes=1) + own)
    e = v @ h - x[t + 1]
    loss = 0.5 * e * e
    dv, dW = e * h, e * np.tensordot(v, S, axes=1)
    v = v - 0.05 * dv
    W = W - 0.05 * dW
    if t % 50 == 0:
        print(t, loss)
