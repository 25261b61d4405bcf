import numpy as np

# Oja's rule: no loss is descended.

rng = np.random.default_rng(3)
C = np.array([[3.0, 1.2], [1.2, 1.0]])
X = rng.multivariate_normal([0, 0], C, size=400)
w = rng.normal(size=2)
w /= np.linalg.norm(w)
for t, x in enumerate(X):
    y = w @ x
    w += 0.01 * y * (x - y * w)
print(w, np.linalg.eigh(C)[1][:, -1])
