import numpy as np


def train(X, T, n_hidden, epochs, lr, rng):
    W1 = rng.normal(size=(n_hidden, X.shape[0])) / np.sqrt(X.shape[0])
    b1 = np.zeros((n_hidden, 1))
    W2 = rng.normal(size=(n_hidden, n_hidden)) / np.sqrt(n_hidden)
    b2 = np.zeros((n_hidden, 1))
    W3 = rng.normal(size=(T.shape[0], n_hidden)) / np.sqrt(n_hidden)
    b3 = np.zeros((T.shape[0], 1))
    m = X.shape[1]
    for epoch in range(epochs):
        A1 = np.tanh(W1 @ X + b1)
        A2 = np.tanh(W2 @ A1 + b2)
        A3 = 1 / (1 + np.exp(-(W3 @ A2 + b3)))
        cost = -np.sum(T * np.log(A3) + (1 - T) * np.log(1 - A3)) / m

        dZ3 = A3 - T
        dW3 = dZ3 @ A2.T / m
        db3 = dZ3.sum(axis=1, keepdims=True) / m
        dZ2 = W3.T @ dZ3 * (1 - A2 ** 2)
        dW2 = dZ2 @ A1.T / m
        db2 = dZ2.sum(axis=1, keepdims=True) / m
        dZ1 = W2.T @ dZ2 * (1 - A1 ** 2)
        dW1 = dZ1 @ X.T / m
        db1 = dZ1.sum(axis=1, keepdims=True) / m

        W1, b1 = W1 - lr * dW1, b1 - lr * db1
        W3, b3 = W3 - lr * dW3, b3 - lr * db3
        b2 = b2 - lr * db2
        if epoch % 50 == 0:
            print(f"cost after {epoch}: {cost:.4f}")
    return W1, b1, W2, b2, W3, b3


rng = np.random.default_rng(61)
X = rng.normal(size=(2, 50))
T = (X[:1] * X[1:] > 0).astype(float)
train(X, T, 5, 150, 0.5, rng)
