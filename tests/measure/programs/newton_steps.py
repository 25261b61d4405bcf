import numpy as np

# The gradient is that of the sum, the step the solution of a system with the Hessian.

rng = np.random.default_rng(9)
X = np.c_[np.ones(100), rng.normal(size=(100, 3))]
y = (rng.random(100) < 1 / (1 + np.exp(-X @ [0.3, 1, -2, 0.5]))).astype(float)
w = np.zeros(4)
for it in range(8):
    p = 1 / (1 + np.exp(-(X @ w)))
    nll = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    g = X.T @ (p - y)
    H = (X * (p * (1 - p))[:, None]).T @ X
    w = w - np.linalg.solve(H, g)
    print(it, nll)
