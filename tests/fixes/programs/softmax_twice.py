import numpy as np

def softmax(v):
    e = np.exp(v - np.max(v, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)

def cross_entropy(scores, labels):
    p = softmax(scores)
    return -np.mean(np.log(p[np.arange(len(labels)), labels]))

rng = np.random.default_rng(13)
X = rng.normal(size=(30, 4)); labels = np.argmax(X[:, :3], axis=1)
W = 0.1 * rng.normal(size=(4, 3)); b = np.zeros(3)
for i in range(100):
    out = softmax(X @ W + b)
    loss = cross_entropy(out, labels)
    d = out.copy()
    d[np.arange(30), labels] -= 1
    d /= 30
    W -= 0.5 * X.T @ d
    b -= 0.5 * d.sum(axis=0)
print(loss)
