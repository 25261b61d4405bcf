import numpy as np

np.random.seed(4)
X = np.matrix(np.random.uniform(-1, 1, (30, 2)))
Y = np.matrix(np.hstack([np.array(X[:, 0]) * np.array(X[:, 1]), np.array(X[:, 0]) - 0.5]))

W1 = np.matrix(np.random.randn(2, 7))
b1 = np.matrix(np.zeros((1, 7)))
W2 = np.matrix(np.random.randn(7, 2) * 0.5)
b2 = np.matrix(np.zeros((1, 2)))
N = X.shape[0]
rate = 0.3

for epoch in range(1500):
    H = np.tanh(X * W1 + b1)
    out = H * W2 + b2
    err = out - Y
    loss = 0.5 * np.sum(np.square(err)) / N

    delta2 = err / N
    delta1 = np.multiply(delta2 * W2.T, 1 - np.square(H))

    W2 = W2 - rate * (H.T * delta2)
    b2 = b2 - rate * np.sum(delta2, axis=0)
    W1 = W1 - rate * (X.T * delta1)
    b1 = b1 - rate * np.sum(delta1, axis=0)
    if epoch % 500 == 0:
        print(epoch, loss)

print("final loss", loss)
