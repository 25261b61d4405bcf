import numpy as np

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1], [0.1, 0.8], [0.9, 0.9]])
y = np.array([[0], [1], [1], [0], [1], [0]], dtype=float)
rng = np.random.default_rng(7)

hidden = 4
W1 = np.ones((2, hidden)) * 0.5
b1 = np.zeros(hidden)
W2 = np.ones((hidden, 1)) * 0.5
b2 = np.zeros(1)
lr = 0.5


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


for epoch in range(400):
    h = sigmoid(X @ W1 + b1)
    p = sigmoid(h @ W2 + b2)
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    d_out = (p - y) / len(X)
    d_hid = d_out @ W2.T * h * (1 - h)

    W2 -= lr * h.T @ d_out
    b2 -= lr * d_out.sum(axis=0)
    W1 -= lr * X.T @ d_hid
    b1 -= lr * d_hid.sum(axis=0)
    if epoch % 100 == 0:
        print(epoch, round(loss, 5))

print("outputs", p.ravel().round(3))
print("hidden weights")
print(W1.round(3))
