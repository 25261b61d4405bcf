import numpy as np

# a model without hidden layer is convex: starting from zero is fine
rng = np.random.default_rng(26)
X = rng.normal(size=(30, 4))
k = np.argmax(X @ rng.normal(size=(4, 3)) + 0.3 * rng.normal(size=(30, 3)), axis=1)
T = np.eye(3)[k]
W = np.zeros((4, 3))
b = np.zeros(3)

for epoch in range(150):
    z = X @ W + b
    z -= z.max(axis=1, keepdims=True)
    s = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    loss = -np.mean(np.sum(T * np.log(s), axis=1))
    W -= 0.5 * X.T @ (s - T) / len(X)
    b -= 0.5 * (s - T).mean(axis=0)
    if epoch % 50 == 0:
        print(epoch, loss, np.mean(s.argmax(axis=1) == k))
