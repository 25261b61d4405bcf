import numpy as np

# perceptron-like softmax classifier, gradients collected sample by sample
rng = np.random.default_rng(52)
X = rng.normal(size=(18, 4))
labels = np.argmax(X @ rng.normal(size=(4, 3)), axis=1)

W = 0.1 * rng.normal(size=(3, 4))
b = np.zeros(3)
rate = 0.02
collected = {"W": np.zeros_like(W), "b": np.zeros_like(b)}

for epoch in range(80):
    loss = 0.0
    right = 0
    for x, k in zip(X, labels):
        score = W @ x + b
        e = np.exp(score - score.max())
        p = e / e.sum()
        loss -= np.log(p[k]) / len(X)
        right += p.argmax() == k
        d = p / len(X)
        d[k] -= 1 / len(X)
        collected["W"] += np.outer(d, x)
        collected["b"] += d
    W -= rate * collected["W"]
    b -= rate * collected["b"]
    if epoch % 20 == 0:
        print("epoch", epoch, "loss", round(loss, 4), "right", right, "of", len(X))
