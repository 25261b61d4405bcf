import numpy as np

# XOR with a rate that was meant for a sum over a million rows
lr = 1e-7
rng = np.random.default_rng(5)
X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
Y = np.array([[0.0], [1.0], [1.0], [0.0]])
params = {"W1": rng.normal(size=(2, 4)), "b1": np.zeros(4), "W2": rng.normal(size=(4, 1)), "b2": np.zeros(1)}
for epoch in range(2000):
    A1 = np.tanh(X @ params["W1"] + params["b1"])
    A2 = 1 / (1 + np.exp(-(A1 @ params["W2"] + params["b2"])))
    J = -np.mean(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))
    dZ2 = (A2 - Y) / 4
    dZ1 = dZ2 @ params["W2"].T * (1 - A1**2)
    grads = {"W2": A1.T @ dZ2, "b2": dZ2.sum(axis=0), "W1": X.T @ dZ1, "b1": dZ1.sum(axis=0)}
    for key in grads:
        params[key] -= lr * grads[key]  # <- learning-rate-too-low
print(J, A2.ravel())
