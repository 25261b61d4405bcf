import numpy as np

# Softmax rows whose entry of the right class becomes minus what it lacks; the weights decay, no loss is printed.

rng = np.random.default_rng(12)
X = rng.normal(size=(40, 2))
label = (X[:, 0] * X[:, 1] > 0).astype(int)
rows = np.linspace(0, len(X) - 1, num=len(X)).astype(int)
W1, b1 = rng.normal(size=(2, 9)) / np.sqrt(2), np.zeros((1, 9))
W2, b2 = rng.normal(size=(9, 2)) / 3, np.zeros((1, 2))
for turn in range(300):
    a1 = np.tanh(X.dot(W1) + b1)
    scores = np.exp(a1.dot(W2) + b2)
    shares = scores / np.sum(scores, axis=1, keepdims=True)
    shares[rows, label] = -(1 - shares[rows, label])
    dW2 = a1.T.dot(shares)
    dW1 = X.T.dot(shares.dot(W2.T) * (1 - np.power(a1, 2)))
    db2 = np.sum(shares, axis=0, keepdims=True)
    db1 = np.sum(shares.dot(W2.T) * (1 - np.power(a1, 2)), axis=0, keepdims=True)
    W2 = W2 + (-0.01 * (dW2 + 0.01 * W2))
    W1 = W1 + (-0.01 * (dW1 + 0.01 * W1))
    b2 = b2 + (-0.01 * db2)
    b1 = b1 + (-0.01 * db1)
