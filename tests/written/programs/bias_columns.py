import numpy as np


def initialize(n_x, n_h, n_y):
    np.random.seed(9)
    return (np.random.randn(n_h, n_x) * 0.7, np.zeros((n_h, 1)),
            np.random.randn(n_y, n_h) * 0.5, np.zeros((n_y, 1)))


def forward_propagation(X, W1, b1, W2, b2):
    A1 = np.tanh(np.dot(W1, X) + b1)
    Z2 = np.dot(W2, A1) + b2
    expZ = np.exp(Z2 - np.max(Z2, axis=0, keepdims=True))
    return A1, expZ / np.sum(expZ, axis=0, keepdims=True)


def compute_cost(A2, Y):
    return -np.sum(Y * np.log(A2)) / Y.shape[1]


def backward_propagation(X, Y, A1, A2, W2):
    m = X.shape[1]
    dZ2 = A2 - Y
    dW2 = np.dot(dZ2, A1.T) / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    dZ1 = np.dot(W2.T, dZ2) * (1 - np.power(A1, 2))
    dW1 = np.dot(dZ1, X.T) / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m
    return dW1, db1, dW2, db2


np.random.seed(1)
labels = np.random.randint(0, 3, 45)
X = np.array([[0.0, 1.0], [1.0, -0.6], [-1.0, -0.6]])[labels].T + 0.3 * np.random.randn(2, 45)
Y = np.eye(3)[labels].T

if __name__ == "__main__":
    W1, b1, W2, b2 = initialize(2, 6, 3)
    for i in range(400):
        A1, A2 = forward_propagation(X, W1, b1, W2, b2)
        dW1, db1, dW2, db2 = backward_propagation(X, Y, A1, A2, W2)
        W1 = W1 - 0.2 * dW1
        b1 = b1 - 0.2 * db1
        W2 = W2 - 0.2 * dW2
        b2 = b2 - 0.2 * db2
        if i % 100 == 0:
            print("Cost after iteration %i: %f" % (i, compute_cost(A2, Y)))
    print("Accuracy:", np.mean(A2.argmax(0) == labels))
