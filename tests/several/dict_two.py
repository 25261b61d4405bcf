"""Two faults with parameters in a dict: the output bias climbs, the hidden ReLU is taken for a sigmoid."""

import numpy as np

rs = np.random.RandomState(7)
data = rs.randn(50, 3)
labels = (data[:, 0] + data[:, 1] ** 2 > 0.5).astype(int)

params = {
    "W1": rs.randn(3, 8) * 0.5,
    "b1": rs.randn(8) * 0.1,
    "W2": rs.randn(8, 2) * 0.5,
    "b2": np.zeros(2),
}


def forward(x):
    z1 = x.dot(params["W1"]) + params["b1"]
    a1 = np.maximum(0, z1)
    scores = a1.dot(params["W2"]) + params["b2"]
    scores = scores - scores.max(axis=1, keepdims=True)
    e = np.exp(scores)
    return z1, a1, e / e.sum(axis=1, keepdims=True)


def gradients(x, t, z1, a1, probs):
    n = x.shape[0]
    delta = probs.copy()
    delta[np.arange(n), t] -= 1
    delta /= n
    grads = {"W2": a1.T.dot(delta), "b2": delta.sum(axis=0)}
    hidden = delta.dot(params["W2"].T)
    hidden = hidden * a1 * (1 - a1)  # <- wrong-activation-derivative
    grads["W1"] = x.T.dot(hidden)
    grads["b1"] = hidden.sum(axis=0)
    return grads


for it in range(200):
    z1, a1, probs = forward(data)
    loss = -np.mean(np.log(probs[np.arange(len(labels)), labels]))
    grads = gradients(data, labels, z1, a1, probs)
    params["W1"] -= 0.1 * grads["W1"]
    params["b1"] -= 0.1 * grads["b1"]
    params["W2"] -= 0.1 * grads["W2"]
    params["b2"] += 0.1 * grads["b2"]  # <- gradient-ascent
