# two hidden units that land in a real local minimum of XOR: every line is right, outputs near 0, 0.5, 0.5 ...
import numpy as np

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
Y = np.array([[0], [1], [1], [0]], dtype=float)
rng = np.random.default_rng(4)
W1, b1 = rng.normal(size=(2, 2)) * 2, rng.normal(size=(1, 2)) * 2
W2, b2 = rng.normal(size=(2, 1)) * 2, rng.normal(size=(1, 1)) * 2


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


for epoch in range(4000):
    z1 = X @ W1 + b1  #@ theta W1,b1,W2,b2
    a1 = sigmoid(z1)
    z2 = a1 @ W2 + b2
    a2 = sigmoid(z2)
    loss = 0.5 * np.sum((a2 - Y) ** 2)  #@ loss loss
    d2 = (a2 - Y) * sigmoid_prime(z2)  #@ act f=sigmoid d=sigmoid_prime(z2) a=a2 z=z2
    d1 = (d2 @ W2.T) * sigmoid_prime(z1)  #@ act f=sigmoid d=sigmoid_prime(z1) a=a1 z=z1 ; mark uses
    W2 -= 0.5 * a1.T @ d2  #@ upd before=uses ; wg x=a1 bad=z1
    b2 -= 0.5 * d2.sum(axis=0, keepdims=True)  #@ upd ; bg
    W1 -= 0.5 * X.T @ d1  #@ upd
    b1 -= 0.5 * d1.sum(axis=0, keepdims=True)  #@ upd ; bg ; implied 0.5
print("loss", loss, "outputs", a2.ravel().round(2))
