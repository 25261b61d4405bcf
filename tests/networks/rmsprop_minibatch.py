import numpy as np


def leaky_relu(x, slope=0.1):
    return np.where(x > 0, x, slope * x)


def leaky_relu_derivative(x, slope=0.1):
    return np.where(x > 0, 1.0, slope)  #@ swap slug=activation-slope-mismatch old=slope new=0.0 ; swap slug=activation-slope-mismatch old=slope new=slope*slope ; swap slug=activation-slope-mismatch old=slope new=0.3


def train(X, T, hidden=8, epochs=30, batch=16, lr=0.01, decay=0.9):
    rng = np.random.default_rng(123)
    theta = {"w": rng.normal(0, 0.7, (X.shape[1], hidden)), "v": rng.normal(0, 0.7, (hidden, 1))}  #@ init
    cache = {k: np.zeros_like(p) for k, p in theta.items()}
    for epoch in range(epochs):
        order = rng.permutation(len(X))
        total = 0.0
        for start in range(0, len(X), batch):
            rows = order[start:start + batch]
            xb, tb = X[rows], T[rows]  #@ swap slug=misaligned-shuffle old=T[rows] new=T[start:start+batch]
            z = xb @ theta["w"]  #@ theta theta
            h = leaky_relu(z)
            y = h @ theta["v"]
            total += np.sum((y - tb) ** 2)
            dy = 2 * (y - tb) / len(rows)  #@ loss np.mean((y-tb)**2) ; swap slug=gradient-ascent old=y-tb new=tb-y
            grad = {"v": h.T @ dy}  #@ wg x=h bad=z
            dz = dy @ theta["v"].T * leaky_relu_derivative(z)  #@ act f=leaky d=leaky_relu_derivative(z) a=h z=z
            grad["w"] = xb.T @ dz  #@ grad grad['w'],grad['v']
            for k in theta:
                cache[k] = decay * cache[k] + (1 - decay) * grad[k] ** 2  #@ swap slug=optimizer-state-reset old=cache[k] new=0 ; swap slug=optimizer-rule old=grad[k]**2 new=grad[k]
                theta[k] -= lr * grad[k] / (np.sqrt(cache[k]) + 1e-8)  #@ upd ; swap slug=optimizer-rule old=np.sqrt(cache[k]) new=cache[k]
        if epoch % 10 == 0:
            print("epoch", epoch, "mse", total / len(X))
        lr *= 0.97
    return theta


r = np.random.default_rng(321)
inputs = np.hstack([r.uniform(-1, 1, (96, 2)), np.ones((96, 1))])
targets = np.maximum(inputs[:, :1], inputs[:, 1:2])
theta = train(inputs, targets)
print("final", np.mean((leaky_relu(inputs @ theta["w"]) @ theta["v"] - targets) ** 2))
