import numpy as np
rng = np.random.default_rng(5)
sizes = [3, 6, 5, 2]
W = [rng.normal(size=(a, b)) / np.sqrt(a) for a, b in zip(sizes, sizes[1:])]
x = rng.normal(size=(12, 3))
t = np.stack([np.sin(x[:, 0]), x[:, 1] * x[:, 2]], axis=1)
for step in range(100):
    acts = [x]
    for k, w in enumerate(W):
        z = acts[-1] @ w
        acts.append(np.tanh(z) if k < 2 else z)
    loss = 0.5 * np.mean(np.sum((acts[-1] - t) ** 2, axis=1))
    delta = (acts[-1] - t) / len(x)
    for k in reversed(range(3)):
        W[k] -= 0.2 * acts[k].T @ delta
        if k:
            delta = delta @ W[k].T * (1 - acts[k] ** 2)
print(loss)
