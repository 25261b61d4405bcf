import numpy as np

np.random.seed(10)
learning_rate = 0.3

# 4 -> 5 -> 5 -> 2, samples in columns
X = np.random.randn(4, 18)
side = (X[0] * X[1] + X[2] > 0).astype(int)
Y = np.eye(2)[:, side]

W1 = np.random.randn(5, 4) / 2
b1 = 0.1 * np.random.randn(5, 1)
W2 = np.random.randn(5, 5) / np.sqrt(5)
b2 = 0.1 * np.random.randn(5, 1)
W3 = np.random.randn(2, 5) / np.sqrt(5)
b3 = np.zeros((2, 1))


def softmax(Z):
    E = np.exp(Z - Z.max(axis=0, keepdims=True))
    return E / E.sum(axis=0, keepdims=True)


for i in range(150):
    A1 = np.tanh(np.dot(W1, X) + b1)
    A2 = np.tanh(np.dot(W2, A1) + b2)
    A3 = softmax(np.dot(W3, A2) + b3)
    m = X.shape[1]
    cost = -np.sum(Y * np.log(A3)) / m

    dZ3 = A3 - Y
    dW3 = np.dot(dZ3, A2.T) / m
    db3 = np.sum(dZ3, axis=1, keepdims=True) / m
    dZ2 = np.dot(W3.T, dZ3) * (1 - np.power(A2, 2))
    dW2 = np.dot(dZ2, A1.T) / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    dZ1 = np.dot(W2, dZ2) * (1 - np.power(A1, 2))
    dW1 = np.dot(dZ1, X.T) / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m

    W1 = W1 - learning_rate * dW1
    b1 = b1 - learning_rate * db1
    W2 = W2 - learning_rate * dW2
    b2 = b2 - learning_rate * db2
    W3 = W3 - learning_rate * dW3
    b3 = b3 - learning_rate * db3
    if i % 50 == 0:
        print("Cost after iteration %d: %f" % (i, cost))
