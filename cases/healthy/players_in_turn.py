"""Two players that take turns: a critic is trained, then a painter by a pass of its own through the new critic.

Nothing is wrong here: the painter's gradient passes through weights that were updated a moment ago because its
loss was computed with them.
"""

import numpy as np

rng = np.random.default_rng(5)


def player(n_in, n_hidden, n_out):
    return {
        "W": rng.normal(size=(n_in, n_hidden)) / np.sqrt(n_in),
        "b": np.zeros(n_hidden),
        "V": rng.normal(size=(n_hidden, n_out)) / np.sqrt(n_hidden),
        "c": np.zeros(n_out),
    }


def run(p, x):
    h = np.tanh(x @ p["W"] + p["b"])
    return h, h @ p["V"] + p["c"]


def back(p, x, h, error):
    dz = error @ p["V"].T * (1 - h * h)
    grads = {"W": x.T @ dz, "b": dz.sum(axis=0), "V": h.T @ error, "c": error.sum(axis=0)}
    return grads, dz @ p["W"].T


def descend(p, grads, rate):
    for key in p:
        p[key] -= rate * grads[key]


def chance(z):
    return 1 / (1 + np.exp(-z))


painter, critic = player(2, 6, 2), player(2, 8, 1)
n = 20
for step in range(150):
    seen = rng.normal(size=(n, 2)) * 0.3 + np.array([1.0, -0.5])
    ideas = rng.normal(size=(n, 2))

    shown = np.vstack([seen, run(painter, ideas)[1]])
    truth = np.repeat([[1.0], [0.0]], n, axis=0)
    h, z = run(critic, shown)
    p = chance(z)
    critic_loss = -np.mean(truth * np.log(p) + (1 - truth) * np.log(1 - p))
    grads, _ = back(critic, shown, h, (p - truth) / len(shown))
    descend(critic, grads, 0.2)

    hidden, painted = run(painter, ideas)
    h, z = run(critic, painted)
    p = chance(z)
    painter_loss = -np.mean(np.log(p + 1e-9))
    _, below = back(critic, painted, h, (p - 1) / n)
    grads, _ = back(painter, ideas, hidden, below)
    descend(painter, grads, 0.1)
    if step % 50 == 0:
        print(step, critic_loss, painter_loss, painted.mean(axis=0))
