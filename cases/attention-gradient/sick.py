import numpy as np


class CausalAttention:
    """One head; a position looks at itself and at what came before."""

    def __init__(self, d_model, d_head, rng):
        self.d_head = d_head
        self.p = {
            "Wq": rng.normal(0, d_model ** -0.5, (d_model, d_head)),
            "Wk": rng.normal(0, d_model ** -0.5, (d_model, d_head)),
            "Wv": rng.normal(0, d_model ** -0.5, (d_model, d_head)),
            "Wo": rng.normal(0, d_head ** -0.5, (d_head, 1)),
        }

    def forward(self, x):
        T = x.shape[1]
        q, k, v = x @ self.p["Wq"], x @ self.p["Wk"], x @ self.p["Wv"]
        scores = q @ k.swapaxes(1, 2) / np.sqrt(self.d_head)
        future = np.triu(np.ones((T, T), dtype=bool), 1)
        scores = np.where(future, -1e9, scores)
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        context = weights @ v
        self.cache = x, q, k, v, weights, context
        return (context @ self.p["Wo"])[..., 0]

    def backward(self, dy):
        x, q, k, v, weights, context = self.cache
        grads = {"Wo": np.einsum("btd,bt->d", context, dy)[:, None]}
        dcontext = dy[..., None] * self.p["Wo"][:, 0]
        dv = weights.swapaxes(1, 2) @ dcontext
        dweights = dcontext @ v.swapaxes(1, 2)
        dscores = weights * (dweights - (dweights * weights).sum(axis=-1, keepdims=True))
        dq = dscores @ k
        dk = dscores.swapaxes(1, 2) @ q / np.sqrt(self.d_head)
        for name, d in zip(("Wq", "Wk", "Wv"), (dq, dk, dv)):
            grads[name] = np.einsum("btm,btd->md", x, d)
        return grads


# running maximum of the first feature
rng = np.random.default_rng(17)
x = rng.normal(size=(16, 6, 3))
x[..., 2] = np.linspace(-1, 1, 6)
target = np.maximum.accumulate(x[..., 0], axis=1)

net = CausalAttention(3, 8, rng)
for step in range(300):
    y = net.forward(x)
    loss = np.mean((y - target) ** 2)
    grads = net.backward(2 * (y - target) / y.size)
    for name, g in grads.items():
        net.p[name] -= 0.2 * g
    if step % 60 == 0:
        print(f"step {step:4d}  mse {loss:.4f}")
