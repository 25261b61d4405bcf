# p is overwritten by the delta; nothing reads it as a probability afterwards
import numpy as np


def loss_and_delta(scores, labels):
    n = len(labels)
    p = np.exp(scores - scores.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    loss = -np.log(p[range(n), labels]).sum() / n
    delta = p
    delta[range(n), labels] -= 1
    return loss, delta / n  #@ scale n=n u=1


rng = np.random.default_rng(6)
labels = rng.integers(0, 3, 40)
X = rng.normal(size=(40, 2)) + np.array([[2, 0], [-1, 2], [-1, -2]])[labels]
W1, W2 = rng.normal(size=(2, 8)), rng.normal(size=(8, 3)) * 0.3  #@ init
for epoch in range(150):
    H = np.tanh(X @ W1)  #@ theta W1,W2
    loss, delta = loss_and_delta(H @ W2, labels)  #@ loss loss
    dH = delta @ W2.T * (1 - H ** 2)  #@ act f=tanh d=(1-H**2) a=H z=(X@W1)
    dW2, dW1 = H.T @ delta, X.T @ dH  #@ grad dW1,dW2
    W1 -= 0.5 * dW1  #@ upd
    W2 -= 0.5 * dW2  #@ upd
print("loss", loss, "accuracy", ((np.tanh(X @ W1) @ W2).argmax(1) == labels).mean())
