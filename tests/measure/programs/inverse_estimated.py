import numpy as np

# BFGS: the gradient is multiplied by an estimate of the inverse Hessian.

rng = np.random.default_rng(9)
X = rng.normal(size=(60, 3))
y = (rng.random(60) < 1 / (1 + np.exp(-X @ [1, -2, 0.5]))) * 1.0


def f(w):
    z = X @ w
    return np.mean(np.log1p(np.exp(z)) - y * z), X.T @ (1 / (1 + np.exp(-z)) - y) / 60


w, B = np.zeros(3), np.eye(3)
loss, g = f(w)
for k in range(25):
    step = -B @ g
    a = 1.0
    while f(w + a * step)[0] > loss + 1e-4 * a * g @ step:
        a *= 0.5
    new_w = w + a * step
    loss, new_g = f(new_w)
    s, r = new_w - w, new_g - g
    if s @ r > 1e-12:
        q = 1 / (r @ s)
        A = np.eye(3) - q * np.outer(s, r)
        B = A @ B @ A.T + q * np.outer(s, s)
    w, g = new_w, new_g
    if k % 5 == 0:
        print(k, loss)
